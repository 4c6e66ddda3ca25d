import type { InstanceCell } from '../../core/cells.ts'
import type { Snapshot } from '../graph/graph-index.ts'
import type { NodeReader } from '../graph/node-reader.ts'
import { DECODED_AT_ONCE, type Steps } from '../steps.ts'

/** A group of targets as Prometheus' HTTP service discovery reads it (prometheus.io/docs/prometheus/latest/http_sd). */
export interface TargetGroup {
  targets: string[]
  /** `__meta_…`: only relabelling sees them. */
  labels: Record<string, string>
}

export interface TargetsQuery {
  namespace?: string | undefined
  service?: string | undefined
}

/** Live instances that have an address, one group each. */
export function* targetsOf({ topology: { nodes } }: Snapshot, reader: NodeReader, { namespace, service }: TargetsQuery): Steps<TargetGroup[]> {
  const groups: TargetGroup[] = []
  for (const [node, name] of nodes.entries()) {
    if (node % DECODED_AT_ONCE === 0) yield
    if ((namespace !== undefined && name.namespace !== namespace) || (service !== undefined && name.service !== service)) continue
    for (const instance of reader.instances(node)) if (instance.live && instance.address !== '') groups.push(targetGroup(instance))
  }
  return groups
}

function targetGroup({ namespace, service, instance, status, version, zone, address }: InstanceCell): TargetGroup {
  const facts = { namespace, service, instance, status: status.toLowerCase(), version, zone }
  const labels = Object.entries(facts).map(([name, value]) => [`__meta_discovery_${name}`, value])
  return { targets: [address], labels: Object.fromEntries(labels) as Record<string, string> }
}
