import { seriesName } from '../e2e/series.ts'

/** How long an event was under way is the broker's to say: of this family, only how many there were is known here. */
export const EVENT_DELAY = 'discovery_event_delay_seconds'

export type Labels = Readonly<Record<string, string>>

export interface Distribution {
  name: string
  labels: Labels
  /** By upper bound, not cumulative; the last is above all. Empty: only sum and count are known. */
  bounds: readonly number[]
  counts: number[]
  /** In the unit of the events. */
  sum: number
  /** Events' units per exposed unit: 1,000,000 where microseconds become seconds. */
  scale: number
  count: number
}

/** The series of a histogram or a summary, zeros left out. */
export function exposed({ name, labels, bounds, counts, sum, scale, count }: Distribution): [string, number][] {
  const series: [string, number][] = [[seriesName(`${name}_count`, labels), count]]
  const isDelay = name === EVENT_DELAY
  if (!isDelay) series.push([seriesName(`${name}_sum`, labels), sum / scale])
  let cumulative = 0
  for (const [index, bound] of bounds.entries()) {
    cumulative += counts[index] ?? 0
    series.push([seriesName(`${name}_bucket`, { ...labels, le: String(bound) }), cumulative])
  }
  if (bounds.length > 0 || isDelay) series.push([seriesName(`${name}_bucket`, { ...labels, le: '+Inf' }), count])
  return series.filter(([, value]) => value !== 0)
}
