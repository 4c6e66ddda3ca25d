import type { CellKind, CellOf } from './cells.ts'
import type { Histogram } from './histogram.ts'

export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary'

/** Takes one sample: the values of the family's own labels, in their order, and a number or a histogram. */
export type Put = (labels: readonly string[], value: number | Histogram) => void

/** One row of the contract's table of families. */
export interface Family<K extends CellKind = CellKind> {
  /** As exposed, prefix and suffix included. */
  name: string
  type: FamilyType
  help: string
  /** What it answers, for people; and how to ask it, in PromQL. */
  question: string
  example: string
  /** Its own labels; every family also carries `shard` and an empty `instance`. */
  labels: readonly string[]
  unit: '' | 'seconds'
  /** The kind of cell that feeds it. */
  cell: K
  /** Upper bounds of the buckets, in the unit of the cell (microseconds where `unit` is seconds). */
  bounds?: readonly number[]
  /** Reads the samples that one cell gives. */
  read: (cell: CellOf[K], put: Put) => void
}
