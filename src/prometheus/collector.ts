import type { Family } from '../core/family.ts'
import { countOf, type Histogram } from '../core/histogram.ts'
import type { VisibleShard } from '../views/shard.ts'
import { exposed, exposedBounds, showShards } from './fold-family.ts'

type Labels = Record<string, string | number>

/** A metric and its samples, as prom-client hands them from `get()` to `metrics()`. */
export interface Collected {
  name: string
  help: string
  type: string
  values: { metricName?: string; labels: Labels; value: number }[]
}

/**
 * A family of the fold as prom-client takes it: `registerMetric` and `metrics()` ask for no more than `{ name, help, type, get() }`
 * (15.1.3), so that state is kept once and rendered when it is asked for.
 */
export class FoldCollector {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly family: Family
  readonly #shards: () => Iterable<VisibleShard>

  constructor(family: Family, shards: () => Iterable<VisibleShard>) {
    this.name = family.name
    this.help = family.help
    this.type = family.type
    this.family = family
    this.#shards = shards
  }

  async get(): Promise<Collected> {
    return { name: this.name, help: this.help, type: this.type, values: await this.#values() }
  }

  async #values(): Promise<Collected['values']> {
    const { name, labels: names, cell: kind, read } = this.family
    const values: Collected['values'] = []
    for (const { shard, cells } of await showShards(this.#shards(), async () => {})) {
      const put = (own: readonly string[], value: number | Histogram) => {
        const labels: Labels = { ...Object.fromEntries(names.map((label, index) => [label, own[index] ?? ''])), shard, instance: '' }
        if (typeof value === 'number') values.push({ metricName: name, labels, value })
        else values.push(...histogramValues(this.family, labels, value))
      }
      for (const cell of cells[kind].values()) read(cell, put)
    }
    return values
  }
}

function histogramValues(family: Family, labels: Labels, { counts, sum }: Histogram): Collected['values'] {
  const { name, type, unit } = family
  const bounds = type === 'histogram' ? [...exposedBounds(family), '+Inf'] : []
  const buckets = bounds.map((le, index) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le },
    value: counts.slice(0, index + 1).reduce((below, count) => below + count, 0),
  }))
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: exposed(sum, unit) },
    { metricName: `${name}_count`, labels, value: countOf({ counts, sum }) },
  ]
}
