import type { Line } from './document.ts'
import type { Spread } from './pairs.ts'

const WANTED = 10_000_000
/** Of a core, what is planned with: the rest is for take-overs and peaks. */
const FILLED = 0.5
const RECORD_BYTES = 120
/** As an edge's cell stands in a checkpoint record, about. */
const CELL_BYTES = 120
const CHANGED_PER_SECOND = 5_000
const SERIES_PER_REPLICA = 1_000_000
const SCRAPE_SECONDS = 15
const MEBIBYTE = 1_048_576
const GIGABIT = 1e9 / 8

/** The plan for ten million events a second, as a table with its formulas, for docs/scaling.md. Empty if `drain` was not measured. */
export function scalingPlan(latest: ReadonlyMap<string, Line>): Map<string, string> {
  const drain = latest.get('drain')
  if (drain === undefined) return new Map()
  const cpu = (drain['cpuMicrosPerRecord'] as Spread).median
  const scale = latest.get('scale')
  const costly = cpu * Number(scale?.['cpuRatio'] ?? 2)
  const perReplica = 1e6 / costly * FILLED
  const replicas = Math.ceil(WANTED / perReplica)
  const memory = latest.get('memory')?.['folded'] as Line | undefined
  const page = Number(memory?.['pageMebibytes'] ?? Number.NaN)
  const rows: string[][] = [
    ['CPU of an event, few edges', '`drain`', `${round(cpu)} µs`],
    ['the same, many edges', scale === undefined ? '× 2, the target: `scale` is not measured' : '× the ratio of `scale`', `${round(costly)} µs`],
    ['events/s of one replica', `1 s / that × ${FILLED} of a core`, count(perReplica)],
    ['replicas, and cores for folding', '10 M / that', count(replicas)],
    ['partitions of the look-ups', 'replicas × 3, so that one that goes spreads over many', count(replicas * 3)],
    ['RSS of a replica with a million series of its own and its view of them', '`memory`', memory === undefined ? 'not measured' : `${count(Number(memory['peakMebibytes']))} MiB at its peak`],
    ['into a replica', `events/s × ${RECORD_BYTES} B, uncompressed`, `${round(perReplica * RECORD_BYTES / GIGABIT)} Gbit/s`],
    ['into all replicas', 'the same, over all', `${round(WANTED * RECORD_BYTES / GIGABIT)} Gbit/s`],
    ['checkpoints of a replica', `${count(CHANGED_PER_SECOND)} changed cells/s × ${CELL_BYTES} B`, `${round(CHANGED_PER_SECOND * CELL_BYTES / MEBIBYTE)} MiB/s`],
    ['checkpoints of all, which each replica reads', 'the same × replicas', `${round(CHANGED_PER_SECOND * CELL_BYTES * replicas / MEBIBYTE)} MiB/s`],
    ['series in Prometheus', `${count(SERIES_PER_REPLICA)} × replicas`, count(SERIES_PER_REPLICA * replicas)],
    ['samples a second', `that / ${SCRAPE_SECONDS} s`, count(SERIES_PER_REPLICA * replicas / SCRAPE_SECONDS)],
    ['scraped pages of all', 'page / 15 s × replicas, uncompressed', `${round(page * replicas / SCRAPE_SECONDS)} MiB/s`],
  ]
  return new Map([['plan', ['| what | from | comes to |', '| --- | --- | --- |', ...rows.map(cells => `| ${cells.join(' | ')} |`)].join('\n')]])
}

function round(value: number): string {
  return Number.isNaN(value) ? 'not measured' : value.toLocaleString('en', { maximumSignificantDigits: 3 })
}

function count(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}
