import type { AnyCell } from '../core/cells.ts'
import type { Family } from '../core/family.ts'
import { countOf, type Histogram } from '../core/histogram.ts'
import { ByteText } from './byte-text.ts'
import { exposed, exposedBounds } from './fold-family.ts'
import type { LabelText } from './label-text.ts'
import { boundText, metadataText, type Format } from './text.ts'

const CLOSE = Buffer.from('} ')
const LINE_END = Buffer.from('\n')

/**
 * A family of the fold as text, cell by cell. This is the way that a million series take: what is the same for all samples of a family, of a
 * shard or of a histogram is put together once.
 */
export class FoldFamilyText {
  readonly #family: Family
  readonly #labels: LabelText
  readonly #text = new ByteText()
  readonly #name: Buffer
  readonly #histogram: HistogramNames
  readonly #put: (values: readonly string[], value: number | Histogram) => void

  /** `labels`: of the family's own; families with the same ones may share it. */
  constructor(family: Family, { labels, format }: { labels: LabelText; format: Format }) {
    this.#family = family
    this.#labels = labels
    this.#name = Buffer.from(family.name)
    this.#histogram = histogramNames(family, format)
    this.#put = (values, value) => {
      if (typeof value === 'number') this.#writeLine(this.#name, { labels: labels.of(values), close: CLOSE }, value)
      else this.#writeHistogram(values, value)
    }
    this.#text.write(metadataText(family, format))
  }

  /** Takes a cell of the kind that feeds the family. */
  take(cell: AnyCell): void {
    this.#family.read(cell, this.#put)
  }

  /** Hands over what has been written, in order. */
  chunks(): Buffer[] {
    return this.#text.take()
  }

  #writeHistogram(values: readonly string[], histogram: Histogram): void {
    const labels = this.#labels.of(values)
    const { bucket, bucketEnds, sum, count } = this.#histogram
    let cumulative = 0
    for (let index = 0; index < bucketEnds.length; index++) {
      cumulative += histogram.counts[index] ?? 0
      this.#writeLine(bucket, { labels, close: bucketEnds[index] as Buffer }, cumulative)
    }
    this.#writeLine(sum, { labels, close: CLOSE }, exposed(histogram.sum, this.#family.unit))
    this.#writeLine(count, { labels, close: CLOSE }, countOf(histogram))
  }

  #writeLine(name: Buffer, { labels, close }: { labels: Buffer; close: Buffer }, value: number): void {
    const text = this.#text
    text.writeBytes(name)
    text.writeBytes(labels)
    text.writeBytes(close)
    text.writeNumber(value)
    text.writeBytes(LINE_END)
  }
}

/** What the samples of a histogram are called, or of a summary: these have no buckets. */
interface HistogramNames {
  bucket: Buffer
  /** The last label, and what closes them all. */
  bucketEnds: readonly Buffer[]
  sum: Buffer
  count: Buffer
}

function histogramNames(family: Family, format: Format): HistogramNames {
  const { name, type } = family
  const bounds = type === 'histogram' ? [...exposedBounds(family), Infinity] : []
  return {
    bucket: Buffer.from(`${name}_bucket`), bucketEnds: bounds.map(bound => Buffer.from(`,le="${boundText(bound, format)}"} `)),
    sum: Buffer.from(`${name}_sum`), count: Buffer.from(`${name}_count`),
  }
}
