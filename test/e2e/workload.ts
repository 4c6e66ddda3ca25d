import { deepStrictEqual } from 'node:assert/strict'
import { Kafka, logLevel } from 'kafkajs'
import type { Sample } from '../../demo/exposition.ts'
import { createDiscoveryAgent, type DiscoveryAgent, type LookupFields } from '../../src/sdk.ts'
import type { CommandSite } from '../support/replicas.ts'
import { until } from '../support/until.ts'

/** Look-ups by `namespace/service outcome`, registrations by `namespace/service operation outcome`. */
export type Counts = Record<string, number>

const namespaces = ['shop', 'platform'] as const
const servicesPerNamespace = 6
const COUNTED_MS = 30_000

/** Answers in turn: every outcome, cache result and kind of error, some with a weight. Durations are microseconds. */
const answers: readonly Omit<LookupFields, 'namespace' | 'service'>[] = [
  { outcome: 'SUCCESS', cache: 'MISS', instances: 3, durationMicros: 2_400 },
  { outcome: 'SUCCESS', cache: 'HIT', instances: 3, durationMicros: 150, weight: 3 },
  { outcome: 'EMPTY', cache: 'BYPASS', instances: 0, durationMicros: 900 },
  { outcome: 'FAILURE', errorCategory: 'NOT_FOUND', errorCode: 'NXDOMAIN', durationMicros: 1_100 },
  { outcome: 'FAILURE', errorCategory: 'TIMEOUT', errorCode: 'ETIMEOUT', durationMicros: 5_000_000 },
]

/** Agents of a few services that look each other up, and the count of what they recorded. */
export class Workload {
  readonly recorded: Counts = {}
  readonly #agents: readonly { namespace: string; service: string; agent: DiscoveryAgent }[]
  #turn = 0

  constructor({ brokers, topicPrefix }: CommandSite) {
    const kafka = quietKafka(brokers)
    this.#agents = namespaces.flatMap(namespace =>
      Array.from({ length: servicesPerNamespace }, (_, index) => {
        const service = `service-${index}`
        // No reports on the way: a series that begins while a test looks at all of them would be in its way.
        const identity = { namespace, service, instance: `${service}-0`, version: '1.0.0' }
        const agent = createDiscoveryAgent({ kafka, topicPrefix, ...identity, reportIntervalMs: 0 })
        return { namespace, service, agent }
      }))
  }

  /** Every service registers. */
  register(): void {
    for (const { namespace, service, agent } of this.#agents) {
      agent.recordRegistration({ operation: 'REGISTER', outcome: 'SUCCESS', status: 'PASSING', durationMicros: 3_000 })
      this.#count(`${namespace}/${service} register success`, 1)
    }
  }

  /** Every service looks up every other, `rounds` times. */
  lookUp(rounds: number): void {
    for (let round = 0; round < rounds; round++) {
      for (const { service: client, namespace: clientNamespace, agent } of this.#agents) {
        for (const { namespace, service } of this.#agents) {
          if (service === client && namespace === clientNamespace) continue
          const answer = answers[this.#turn++ % answers.length] ?? {}
          agent.recordLookup({ namespace, service, ...answer })
          this.#count(`${namespace}/${service} ${(answer.outcome ?? '').toLowerCase()}`, answer.weight ?? 1)
        }
      }
    }
  }

  /** Resolves when Kafka has all of it. */
  async flush(): Promise<void> {
    await Promise.all(this.#agents.map(({ agent }) => agent.flush()))
  }

  /** Scrapes again until the pages together count what was recorded, and gives those pages. */
  counted(scrapeAll: () => Promise<(readonly Sample[])[]>): Promise<(readonly Sample[])[]> {
    return until(async () => {
      const pages = await scrapeAll()
      deepStrictEqual(countedIn(pages), this.recorded)
      return pages
    }, { timeoutMs: COUNTED_MS, message: 'the replicas count what was recorded' })
  }

  /** What the agents dropped. */
  get dropped(): number {
    return this.#agents.map(({ agent }) => agent.report()).reduce((sum, { recorded, sent }) => sum + recorded - sent, 0)
  }

  /** Look-ups recorded, weights included. */
  get lookups(): number {
    return Object.entries(this.recorded).reduce((sum, [key, count]) => (key.includes('register') ? sum : sum + count), 0)
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map(({ agent }) => agent.close()))
  }

  #count(key: string, amount: number): void {
    this.recorded[key] = (this.recorded[key] ?? 0) + amount
  }
}

/** What scrapes of all replicas count together, in the form of what a workload recorded. */
export function countedIn(scrapes: readonly (readonly Sample[])[]): Counts {
  const counts: Counts = {}
  for (const { name, labels, value } of scrapes.flat()) {
    if (name !== 'discovery_lookups_total' && name !== 'discovery_registrations_total') continue
    const { namespace, service, operation, outcome } = labels
    const key = [`${namespace}/${service}`, operation, outcome].filter(part => part !== undefined).join(' ')
    counts[key] = (counts[key] ?? 0) + value
  }
  return counts
}

export function quietKafka(brokers: readonly string[]): Kafka {
  return new Kafka({ clientId: 'discovery-metrics-test', brokers: [...brokers], logLevel: logLevel.NOTHING })
}
