import type { Framing } from './lookup-batch.ts'

/** How much each benchmark does: less than these says little, and is for trying a benchmark out. */
export interface Sizes {
  /** restore: cells that the checkpoint topic holds, how many of them change in a second, and for how many seconds. */
  cells: number
  changesPerSecond: number
  seconds: number
  /** checkpoint, codecs: look-ups to be drained. */
  records: number
  /** drain, replicas, cardinality: look-ups to be drained. */
  backlog: number
  /** checkpoint, takeover, drain, replicas, codecs, cardinality, regression, host-cost: rounds that count. */
  rounds: number
  /** freshness, scale: look-ups sent in a second, and for how many seconds. */
  rate: number
  freshSeconds: number
  scaleSeconds: number
  /** scale: the large topology divided by this. */
  shrink: number
  /** loop, memory: about how many series there are to be. */
  series: number
  /** flood: different clients in a minute. */
  clients: number
  framing: Framing
  /** regression: the git revision to compare with. */
  base: string
}

/** For `parseArgs`. */
export const benchmarkOptions = {
  cells: { type: 'string', default: '1000000' },
  changes: { type: 'string', default: '5000' },
  seconds: { type: 'string', default: '600' },
  records: { type: 'string', default: '400000' },
  backlog: { type: 'string', default: '2000000' },
  rounds: { type: 'string', default: '5' },
  rate: { type: 'string', default: '50000' },
  'fresh-seconds': { type: 'string', default: '40' },
  'scale-seconds': { type: 'string', default: '300' },
  shrink: { type: 'string', default: '1' },
  series: { type: 'string', default: '1000000' },
  clients: { type: 'string', default: '5000000' },
  framing: { type: 'string', default: 'confluent' },
  base: { type: 'string', default: 'HEAD' },
  json: { type: 'string', default: '' },
} as const

type Values = Readonly<Record<string, string | undefined>>

/** Throws an Error that says which option is none. */
export function sizesOf(values: Values): Sizes {
  const number = (name: string) => numberIn(values, name)
  const { framing = '', base = '' } = values
  if (framing !== 'confluent' && framing !== 'single') throw new Error(`--framing must be confluent or single, not '${framing}'`)
  return {
    cells: number('cells'), changesPerSecond: number('changes'), seconds: number('seconds'), records: number('records'),
    backlog: number('backlog'), rounds: number('rounds'), rate: number('rate'), freshSeconds: number('fresh-seconds'),
    scaleSeconds: number('scale-seconds'), shrink: number('shrink'), series: number('series'), clients: number('clients'), framing, base,
  }
}

function numberIn(values: Values, name: string): number {
  const text = values[name] ?? ''
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} must be a whole number above 0, not '${text}'`)
  return Number(text)
}
