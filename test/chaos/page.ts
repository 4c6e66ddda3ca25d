import { families } from '../../src/core/families.ts'

/** What a replica showed, as far as the rules of the watcher ask for it. */
export interface Page {
  /** Series that must never go down, by their text: name and labels as they stand in the exposition. */
  values: Map<string, number>
  shards: Set<string>
  /** How often the replica was given partitions: while it stays the same, so does what it owns. Undefined: not on the page. */
  rebalances: number | undefined
}

const REBALANCES = 'discovery_aggregator_rebalances_total '
const SHARD = 'shard="'

/** Sample names that must never go down, and the family that each is added up for, if it is. */
const rising = new Map<string, string | undefined>(families.flatMap(({ name, type }): [string, string | undefined][] => {
  if (type === 'gauge') return []
  return type === 'counter' ? [[name, name]] : [[`${name}_bucket`, undefined], [`${name}_sum`, undefined], [`${name}_count`, name]]
}))

export const risingNames: readonly string[] = [...rising.keys()]

/** The family that a series is added up for: a counter's own, a histogram's by its count; undefined for all other series. */
export function summedFamily(series: string): string | undefined {
  return rising.get(series.slice(0, series.indexOf('{')))
}

/** Reads pages. Keeps the text of a series once, so that no page is kept alive by a series that was first seen on it. */
export class PageReader {
  readonly #known = new Map<string, string>()

  read(text: string): Page {
    const page: Page = { values: new Map(), shards: new Set(), rebalances: undefined }
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; from = to + 1, to = text.indexOf('\n', from)) {
      if (text.charCodeAt(from) !== HASH) this.#line(text.slice(from, to), page)
    }
    return page
  }

  #line(line: string, page: Page): void {
    if (line.startsWith(REBALANCES)) page.rebalances = Number(line.slice(REBALANCES.length))
    const shardAt = line.lastIndexOf(SHARD)
    if (shardAt < 0) return
    page.shards.add(this.#once(line.slice(shardAt + SHARD.length, line.indexOf('"', shardAt + SHARD.length))))
    if (!rising.has(line.slice(0, line.indexOf('{')))) return
    const end = line.lastIndexOf(' ')
    page.values.set(this.#once(line.slice(0, end)), Number(line.slice(end + 1)))
  }

  #once(text: string): string {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    // A slice refers to the page that it is of; bytes do not.
    const copy = Buffer.from(text).toString()
    this.#known.set(copy, copy)
    return copy
  }
}

const HASH = 0x23
