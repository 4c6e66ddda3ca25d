/** What happens to one alert: silent until one evaluation short of `fires`, calling from then on, and over from `over` on. */
export interface AlertCase {
  alert: string
  says: string
  /** Seconds between evaluations, and between samples. */
  step?: number
  every?: number
  /** Samples by series, as promtool takes them. */
  series: Readonly<Record<string, string>>
  /** Of the alert, beside its name and severity. */
  labels: Readonly<Record<string, string>>
  /** Seconds from the beginning at which it calls for the first time, and at which it does so no more. */
  fires: number
  over: number
  /** What else calls meanwhile, of all alerts that there are; nothing unless given. */
  others?: readonly string[]
  /** What stands instead of some series, each time too little to call at any moment. */
  short: readonly Readonly<Record<string, string>>[]
}

export const STEP = 30
/** Labels of what the fold tells of a service. */
export const CART = 'job="d",shard="lookups-0",namespace="shop",service="cart"'
export const cart = { job: 'd', namespace: 'shop', service: 'cart' }

type Run = readonly [value: number, times: number]

/** A counter from 0 on that grows by `value` at each of so many samples. */
export function growing(...runs: readonly Run[]): string {
  const values = [0]
  for (const [value, times] of runs) for (let at = 0; at < times; at++) values.push((values.at(-1) ?? 0) + value)
  return values.join(' ')
}

/** A gauge that stands at `value` for so many samples. */
export function standing(...runs: readonly Run[]): string {
  return runs.map(([value, times]) => `${value}x${times - 1}`).join(' ')
}

/** No sample for so long. */
export const gone = (times: number): string => `_x${times}`
