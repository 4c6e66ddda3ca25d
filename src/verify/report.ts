import { namesOf } from '../core/names.ts'
import type { Comparison, Difference } from './compare.ts'
import type { ShardFault } from './progress-check.ts'

/** Differences of one shard that are listed for people; a machine gets all. */
const LISTED = 20

/** What came of mending a shard. */
export interface RepairOutcome {
  /** Cells written anew, and cells taken away. */
  mended: number
  /** Why it was not done; empty: it was. */
  failure: string
}

export interface ShardReport {
  shard: string
  topic: string
  partition: number
  /** The input's earliest offset; the offset from which on it is counted for the comparison; where the checkpoint has come to. */
  low: number
  from: number
  /** Null: no checkpoint yet. */
  progress: number | null
  /** Null where the input is not the one that was counted. */
  cells: Comparison | null
  faults: ShardFault[]
  /** Null: not asked for, or nothing to do. */
  repair: RepairOutcome | null
}

/** Whether all is as it should be, by now. */
export function isWell({ cells, faults, repair }: ShardReport): boolean {
  const left = cells?.differing.filter(({ mend }) => repair === null || repair.failure !== '' || mend === 'none') ?? []
  const faulty = faults.filter(({ fault }) => repair === null || repair.failure !== '' || fault.startsWith('input_'))
  return left.length === 0 && faulty.length === 0 && (repair === null || repair.failure === '')
}

/** The report of one shard, for people. */
export function linesOf(report: ShardReport): string[] {
  const { shard, progress, cells, faults, repair } = report
  if (progress === null) return [`${shard}: nothing to verify, there is no checkpoint yet`]
  const lines = [`${shard}: ${cells === null ? 'its cells cannot be held against this input' : countsText(cells)} (${coverageText(report)})`]
  for (const { fault, detail } of faults) lines.push(`  ${fault}: ${detail}`)
  for (const difference of cells?.differing.slice(0, LISTED) ?? []) lines.push(...differenceLines(difference))
  const more = (cells?.differing.length ?? 0) - LISTED
  if (more > 0) lines.push(`  and ${count(more, 'cell')} more: --json lists all`)
  if (repair !== null) lines.push(repair.failure === '' ? `  repaired: ${count(repair.mended, 'cell')} mended` : `  not repaired: ${repair.failure}`)
  return lines
}

function countsText({ exact, byOffset, unverifiable, expired, differing }: Comparison): string {
  const parts = [
    `${differing.length} differ`, `${exact} exact`, ...(byOffset > 0 ? [`${byOffset} checked by offset only`] : []),
    ...(unverifiable > 0 ? [`${unverifiable} unverifiable`] : []), ...(expired > 0 ? [`${expired} expired`] : []),
  ]
  return `cells: ${parts.join(', ')}`
}

function coverageText({ topic, partition, low, from, progress }: ShardReport): string {
  const name = `${topic}/${partition}`
  if (low === 0) return `all of ${name} up to ${progress}`
  const counted = from >= (progress ?? 0) ? 'what is left is too little to tell repetitions' : `compared from ${from} to ${progress}`
  return `${name} is deleted up to ${low}: ${counted}`
}

function differenceLines({ kind, key, fault, asOf, wantedAsOf, fields, mend, unmendable }: Difference): string[] {
  const where = [`as of ${asOf ?? 'nothing'}`, ...(wantedAsOf === null || wantedAsOf === asOf ? [] : [`should be as of ${wantedAsOf}`])].join(', ')
  const way = mend === 'none' ? `cannot be mended: ${unmendable}` : ''
  const head = `  ${fault}: ${kind} ${namesText(key)}: ${[where, way].filter(text => text !== '').join('; ')}`
  return [head, ...fields.map(({ field, is, should }) => `    ${field} is ${is}, should be ${should}`)]
}

function namesText(key: string): string {
  try {
    return namesOf(key).map(name => (/^[\w.:/-]+$/.test(name) ? name : JSON.stringify(name))).join(' ')
  } catch {
    return JSON.stringify(key)
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
