import type { AnyCell } from '../core/cells.ts'
import type { Family } from '../core/family.ts'
import type { Histogram } from '../core/histogram.ts'
import { Bytes, ByteText } from './byte-text.ts'
import { exposedBounds } from './fold-family.ts'
import type { LabelText } from './label-text.ts'
import type { TextSink } from './text-sink.ts'
import { boundText, metadataText, type Format } from './text.ts'

const MICROS_PER_MILLISECOND = 1_000
const CLOSE = Bytes.of('} ')

export interface FoldTextOptions {
  sink: Pick<TextSink, 'buffer' | 'add'>
  /** Of the family's own; families with the same ones may share it. */
  labels: LabelText
  format: Format
  created: boolean
}

/**
 * A family of the fold as text, cell by cell. This is the way that a million series take: what is the same for all samples of a family, of a
 * shard or of a histogram is put together once.
 */
export class FoldFamilyText {
  readonly #family: Family
  readonly #labels: LabelText
  readonly #text: ByteText
  readonly #name: Bytes
  readonly #histogram: HistogramNames
  /** What the samples are called that say since when; null: there are none. */
  readonly #created: Bytes | null
  /** When the cell at hand began, in milliseconds since the epoch; 0: it is not known. */
  #began = 0
  readonly #put: (values: readonly string[], value: number | Histogram) => void

  constructor(family: Family, { sink, labels, format, created }: FoldTextOptions) {
    this.#family = family
    this.#text = new ByteText(sink)
    this.#labels = labels
    this.#name = Bytes.of(family.name)
    this.#histogram = histogramNames(family, format)
    this.#created = created && format === 'openmetrics' && family.type !== 'gauge' ? Bytes.of(`${sampleBase(family)}_created`) : null
    this.#put = (values, value) => {
      if (typeof value === 'number') this.#text.writeLine(this.#name, { labels: labels.of(values), close: CLOSE }, value)
      else this.#writeHistogram(values, value)
      if (this.#created !== null && this.#began > 0) this.#writeCreated(this.#created, values)
    }
    this.#text.write(metadataText(family, format))
  }

  /** Takes a cell of the kind that feeds the family. */
  take(cell: AnyCell): void {
    if (this.#created !== null) this.#began = beganAt(cell)
    this.#family.read(cell, this.#put)
  }

  /** Hands over what has been written and not handed over yet. */
  close(): void {
    this.#text.close()
  }

  #writeCreated(name: Bytes, values: readonly string[]): void {
    this.#text.writeMicrosLine(name, { labels: this.#labels.of(values), close: CLOSE }, this.#began * MICROS_PER_MILLISECOND)
  }

  #writeHistogram(values: readonly string[], { counts, sum }: Histogram): void {
    const text = this.#text
    const labels = this.#labels.of(values)
    const names = this.#histogram
    const { bucketEnds } = names
    let cumulative = 0
    for (let index = 0; index < bucketEnds.length; index++) {
      cumulative += counts[index] ?? 0
      text.writeLine(names.bucket, { labels, close: bucketEnds[index] as Bytes }, cumulative)
    }
    for (let index = bucketEnds.length; index < counts.length; index++) cumulative += counts[index] as number
    if (this.#family.unit === 'seconds') text.writeMicrosLine(names.sum, { labels, close: CLOSE }, sum)
    else text.writeLine(names.sum, { labels, close: CLOSE }, sum)
    text.writeLine(names.count, { labels, close: CLOSE }, cumulative)
  }
}

/** What the samples of a histogram are called, or of a summary: these have no buckets. */
interface HistogramNames {
  bucket: Bytes
  /** The last label, and what closes them all. */
  bucketEnds: readonly Bytes[]
  sum: Bytes
  count: Bytes
}

function histogramNames(family: Family, format: Format): HistogramNames {
  const { name, type } = family
  const bounds = type === 'histogram' ? [...exposedBounds(family), Infinity] : []
  return {
    bucket: Bytes.of(`${name}_bucket`), bucketEnds: bounds.map(bound => Bytes.of(`,le="${boundText(bound, format)}"} `)),
    sum: Bytes.of(`${name}_sum`), count: Bytes.of(`${name}_count`),
  }
}

/** Since when a cell has counted, in milliseconds since the epoch; 0: it is not known. An edge is looked up as it begins. */
function beganAt(cell: AnyCell): number {
  const { createdAt, firstSeen } = cell as { createdAt?: number; firstSeen?: number }
  return createdAt ?? firstSeen ?? 0
}

function sampleBase({ name, type }: Family): string {
  return type === 'counter' ? name.replace(/_total$/, '') : name
}
