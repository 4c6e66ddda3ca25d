/** How much each benchmark does: less than these says little, and is for trying a benchmark out. */
export interface Sizes {
  /** restore: cells that the checkpoint topic holds, how many of them change in a second, and for how many seconds. */
  cells: number
  changesPerSecond: number
  seconds: number
  /** checkpoint: look-ups to be drained. */
  records: number
  /** checkpoint, takeover: rounds that count. */
  rounds: number
}

/** For `parseArgs`. */
export const benchmarkOptions = {
  cells: { type: 'string', default: '1000000' },
  changes: { type: 'string', default: '5000' },
  seconds: { type: 'string', default: '600' },
  records: { type: 'string', default: '400000' },
  rounds: { type: 'string', default: '5' },
} as const

/** Throws an Error that says which option is none. */
export function numberIn(values: Readonly<Record<string, string | undefined>>, name: string): number {
  const text = values[name] ?? ''
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} must be a whole number above 0, not '${text}'`)
  return Number(text)
}
