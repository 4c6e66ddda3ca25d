import type { Family } from '../core/family.ts'
import { countOf, type Histogram } from '../core/histogram.ts'
import { exposed, exposedBounds, type ShownShard } from './fold-family.ts'
import { boundText, escapeLabelValue, metadataText, numberText, type Format } from './text.ts'

/**
 * A family of the fold as text, cell by cell. This is the way that a million series take: what is the same for all samples of a family or
 * of a shard is put together once.
 */
export function* foldFamilyText(family: Family, shards: readonly ShownShard[], format: Format): Generator<string> {
  yield metadataText(family, format)
  const { name, cell: kind, read } = family
  const labelStarts = family.labels.map((label, index) => `${index === 0 ? '' : '",'}${label}="`)
  const histogramText = histogramWriter(family, format)
  for (const { shard, cells } of shards) {
    const labelsEnd = `",shard="${escapeLabelValue(shard)}",instance=""`
    let text = ''
    const put = (values: readonly string[], value: number | Histogram) => {
      let labels = '{'
      for (let index = 0; index < labelStarts.length; index++) labels += labelStarts[index] + escapeLabelValue(values[index] ?? '')
      labels += labelsEnd
      text += typeof value === 'number' ? `${name}${labels}} ${numberText(value)}\n` : histogramText(labels, value)
    }
    for (const cell of cells[kind].values()) {
      read(cell, put)
      yield text
      text = ''
    }
  }
}

/** Writes a family's histograms, or summaries: these have no buckets. `labels`: with the opening brace and without the closing one. */
function histogramWriter(family: Family, format: Format): (labels: string, histogram: Histogram) => string {
  const { name, type, unit } = family
  const bounds = type === 'histogram' ? [...exposedBounds(family), Infinity] : []
  const bucketEnds = bounds.map(bound => `,le="${boundText(bound, format)}"} `)
  return (labels, histogram) => {
    let text = ''
    let cumulative = 0
    for (let bucket = 0; bucket < bucketEnds.length; bucket++) {
      cumulative += histogram.counts[bucket] ?? 0
      text += `${name}_bucket${labels}${bucketEnds[bucket]}${cumulative}\n`
    }
    return `${text}${name}_sum${labels}} ${numberText(exposed(histogram.sum, unit))}\n${name}_count${labels}} ${countOf(histogram)}\n`
  }
}
