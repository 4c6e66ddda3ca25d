import type { InstanceStatus, RegistrationEvent } from '../../src/contract/events.ts'

type ServiceLabels = Readonly<Record<'namespace' | 'service' | 'shard', string>>

interface Instance {
  labels: ServiceLabels
  live: boolean
  status: InstanceStatus
  version: string
  /** Highest revision, by source. */
  revisions: Map<string, number>
}

export interface InstanceChange {
  /** A live instance was expired. */
  expired: boolean
  /** A version was seen for the first time. */
  deployed: boolean
}

export interface Gauge {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
}

/** The state of all instances, by the contract's "What an event means". Leases are out of its reach: none may run out. */
export class InstanceTruth {
  readonly #instances = new Map<string, Instance>()
  readonly #versions = new Set<string>()

  /** What a registration that did not fail changes. */
  change(event: RegistrationEvent, labels: ServiceLabels): InstanceChange {
    const none = { expired: false, deployed: false }
    if (event.operation === 'UNKNOWN') return none
    const instance = this.#at(event, labels)
    if (event.revision > 0) {
      // A state not newer than the one held changes nothing.
      if (event.revision <= (instance.revisions.get(event.source) ?? 0)) return none
      instance.revisions.set(event.source, event.revision)
    }
    if (event.operation === 'DEREGISTER' || event.operation === 'EXPIRE') {
      const expired = instance.live && event.operation === 'EXPIRE'
      instance.live = false
      return { expired, deployed: false }
    }
    instance.live = true
    if (event.status !== 'UNKNOWN') instance.status = event.status
    if (event.version !== '') instance.version = event.version
    return { expired: false, deployed: this.#holdVersion(instance) }
  }

  /** `instances` and `version_instances`, zeros left out. */
  gauges(): Gauge[] {
    const gauges = new Map<string, Gauge>()
    const count = (name: string, labels: Gauge['labels']): void => {
      const key = `${name} ${Object.values(labels).join('\0')}`
      const gauge = gauges.get(key) ?? { name, labels, value: 0 }
      gauges.set(key, gauge)
      gauge.value++
    }
    for (const { labels, live, status, version } of this.#instances.values()) {
      if (!live) continue
      count('discovery_instances', { ...labels, status: status.toLowerCase() })
      if (version !== '') count('discovery_version_instances', { ...labels, version })
    }
    return [...gauges.values()]
  }

  #at({ instance }: RegistrationEvent, labels: ServiceLabels): Instance {
    const key = [...Object.values(labels), instance].join('\0')
    const held = this.#instances.get(key) ?? { labels, live: false, status: 'UNKNOWN', version: '', revisions: new Map<string, number>() }
    this.#instances.set(key, held)
    return held
  }

  #holdVersion({ labels, version }: Instance): boolean {
    if (version === '') return false
    const before = this.#versions.size
    this.#versions.add([...Object.values(labels), version].join('\0'))
    return this.#versions.size > before
  }
}
