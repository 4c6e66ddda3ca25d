/** What nodes and edges are coloured by. */
export const measures = ['errors', 'latency'] as const
export type Measure = typeof measures[number]

/** From nothing known to worst; each is a colour of the style sheet, `--shade-good`. A closed list. */
export const shades = ['none', 'good', 'fair', 'poor', 'bad'] as const
export type Shade = typeof shades[number]

export interface Measured {
  errorRatio: number | null
  p95Seconds: number | null
}

/** The least value of each shade above `good`. Shares of look-ups that failed; seconds. */
const least: Readonly<Record<Measure, readonly [Shade, number][]>> = {
  errors: [['bad', 0.05], ['poor', 0.01], ['fair', Number.MIN_VALUE]],
  latency: [['bad', 1], ['poor', 0.1], ['fair', 0.01]],
}

/** What each shade stands for, in the order of a legend. */
export const legends: Readonly<Record<Measure, { title: string; note: string; entries: readonly [Shade, string][] }>> = {
  errors: {
    title: 'Failed look-ups, over 5 min',
    note: '',
    entries: [['good', 'none'], ['fair', 'under 1 %'], ['poor', '1 to 5 %'], ['bad', '5 % or more'], ['none', 'no look-ups']],
  },
  latency: {
    title: 'Look-up time, p95 over 5 min',
    note: 'A service is as slow as its slowest client sees it.',
    entries: [['good', 'under 10 ms'], ['fair', '10 to 100 ms'], ['poor', '0.1 to 1 s'], ['bad', '1 s or more'], ['none', 'not measured']],
  },
}

export function shadeOf({ errorRatio, p95Seconds }: Measured, measure: Measure): Shade {
  const value = measure === 'errors' ? errorRatio : p95Seconds
  if (value === null) return 'none'
  return least[measure].find(([, from]) => value >= from)?.[0] ?? 'good'
}
