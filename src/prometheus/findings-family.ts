import { findingKinds, type FindingKind } from '../views/graph/findings.ts'
import type { Collected } from './collector.ts'

/** The one shard whose owner speaks for the whole map: so its series are shown once, however many replicas know them. */
const SPEAKER = 'lookups-0'

/** A row of the table of families, but not of the fold's: it is fed by the map of all shards. */
export const findingsFamily = {
  name: 'discovery_findings', type: 'gauge', labels: ['kind'],
  help: 'What looks wrong in the map of all shards, by kind, zeros shown; looked for anew every fifteen seconds.',
  question: 'Are there dependency cycles, services that nobody registers, single points of failure?',
  example: 'max by (kind) (discovery_findings) > 0',
} as const

/** Null: nobody has looked yet. */
export type FindingCounts = () => Readonly<Record<FindingKind, number>> | null

/** The gauge of findings, as prom-client takes it; see `FoldCollector`. */
export class FindingsCollector {
  readonly name = findingsFamily.name
  readonly help = findingsFamily.help
  readonly type = findingsFamily.type
  readonly #counts: FindingCounts
  readonly #shards: () => Iterable<{ shard: string }>

  constructor(counts: FindingCounts, shards: () => Iterable<{ shard: string }>) {
    this.#counts = counts
    this.#shards = shards
  }

  async get(): Promise<Collected> {
    return this.collect(this.#shards())
  }

  /** The samples of a page that shows these shards. */
  collect(shards: Iterable<{ shard: string }>): Collected {
    const counts = Array.from(shards).some(({ shard }) => shard === SPEAKER) ? this.#counts() : null
    const values = counts === null ? [] : findingKinds.map(kind => ({ labels: { kind, shard: SPEAKER, instance: '' }, value: counts[kind] }))
    return { name: this.name, help: this.help, type: this.type, values }
  }
}
