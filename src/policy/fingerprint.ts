import { hashOf } from '../core/digest.ts'
import type { Policy } from '../core/policy.ts'
import { ValueRules } from '../core/value-rules.ts'

/** 16 hex digits, different for policies by which the same events come to other cells. */
export function fingerprintOf({ rules, levels: { edge, version, service }, retention }: Policy): string {
  const stays = [retention.instance, retention.edge, retention.version, retention.agent, retention.service]
  return hashOf(Buffer.from(JSON.stringify([new ValueRules(rules).fingerprint, edge, version, service, ...stays])))
}
