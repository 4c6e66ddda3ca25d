import type { Collected } from './collector.ts'
import { boundText, escapeLabelValue, metadataText, numberText, type Format } from './text.ts'

/** A metric that prom-client keeps, as text. */
export function metricText({ name, type, help, values }: Collected, format: Format): string {
  const unit = /_(seconds|bytes)(_total)?$/.exec(name)?.[1] ?? ''
  const samples = values.map(({ metricName = name, labels, value }) => `${metricName}${labelsText(labels, format)} ${numberText(value)}\n`)
  return metadataText({ name, type, help, unit }, format) + samples.join('')
}

function labelsText(labels: Record<string, string | number>, format: Format): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const isBound = typeof value === 'number' && (name === 'le' || name === 'quantile')
    return `${name}="${isBound ? boundText(value, format) : escapeLabelValue(String(value))}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
