const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const ABSENT = '–'

export function countText(count: number): string {
  return whole.format(count)
}

/** `1 service`, `2 services`. */
export function countOf(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Look-ups a second. */
export function rateText(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.01) return '<0.01/s'
  return `${perSecond >= 1_000 ? whole.format(perSecond) : number.format(perSecond)}/s`
}

/** A share between 0 and 1, as per cent; a dash where there is nothing to speak of. */
export function ratioText(ratio: number | null): string {
  if (ratio === null) return ABSENT
  const percent = ratio * 100
  if (percent > 0 && percent < 0.01) return '<0.01 %'
  return `${number.format(percent)} %`
}

/** A duration in seconds, in the unit that suits it. */
export function secondsText(seconds: number | null): string {
  if (seconds === null) return ABSENT
  if (seconds >= 1) return `${number.format(seconds)} s`
  return seconds >= 0.001 ? `${number.format(seconds * 1_000)} ms` : `${number.format(seconds * 1_000_000)} µs`
}

const ages = [[86_400, 'd'], [3_600, 'h'], [60, 'min'], [1, 's']] as const

/** How long ago a time was; both in milliseconds since the epoch. */
export function ageText(time: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - time) / 1_000))
  const [size, unit] = ages.find(([least]) => seconds >= least) ?? [1, 's']
  return `${Math.floor(seconds / size)} ${unit} ago`
}

/** An ISO 8601 time in milliseconds since the epoch; 0 for none. */
export function timeOf(time: string | null): number {
  return time === null ? 0 : Date.parse(time)
}

/** How long ago an ISO 8601 time was; a dash for none. */
export function agoText(time: string | null, now: number): string {
  return time === null ? ABSENT : ageText(Date.parse(time), now)
}
