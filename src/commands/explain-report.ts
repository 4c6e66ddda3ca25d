import type { StandingClaim } from '../checkpoint/shard-view.ts'
import type { CellKind } from '../core/cells.ts'
import { numberText } from '../prometheus/text.ts'

/** Where the number of one series comes from. Times in milliseconds since the epoch. */
export interface Explanation {
  series: string
  value: number
  shard: string
  topic: string
  partition: number
  kind: CellKind
  key: string
  /** One after the input offset of the last record folded into the cell. */
  asOf: number
  /** 0: it stays. */
  expiresAt: number
  /** Offset of the claim that the cell was written under, and that claim, if the log still holds it. */
  epoch: number
  writtenUnder: StandingClaim | null
  /** The claim that stands. */
  owner: StandingClaim | null
  /** Of the shard: the next input offset, its stream time, and how many offsets the input goes on; null: the input is gone. */
  next: number
  /** Input offset from which on the shard's owners have followed one policy. */
  policySince: number
  streamTime: number
  lag: number | null
  /** Where the cell's records stand in the checkpoint topic: the newest ones that compaction has left. */
  offsets: readonly number[]
}

/** The same for people. */
export function explanationLines(given: Explanation): string[] {
  const { series, value, shard, topic, partition, kind, key, asOf, expiresAt, epoch, writtenUnder, owner, next, policySince, streamTime, lag, offsets } = given
  return [
    `${series} ${numberText(value)}`,
    `  shard       ${shard}, counted from ${topic}/${partition}`,
    `  cell        ${kind} ${JSON.stringify(key)}, as of input offset ${asOf}${expiresAt > 0 ? `, expires ${time(expiresAt)}` : ''}`,
    `  checkpoint  partition ${partition}, offset ${offsets.join(', ')}; written under claim ${epoch} (${writer(writtenUnder)})`,
    `  owner       ${owner === null ? 'nobody has claimed it' : `${owner.owner}, since ${time(owner.claimedAt)}, by claim ${owner.epoch}${owner.purpose === 'repair' ? ', to repair it' : ''}`}`,
    `  progress    next input offset ${next}, stream time ${time(streamTime)}, ${lag === null ? 'the input is gone' : `lag ${lag}`}`,
    ...(policySince > 0 ? [`  policy      followed since input offset ${policySince}: before, names, levels or retention were others`] : []),
  ]
}

function writer(claim: StandingClaim | null): string {
  return claim === null ? 'which the log holds no more' : `${claim.owner}, ${time(claim.claimedAt)}`
}

function time(milliseconds: number): string {
  return milliseconds > 0 ? new Date(milliseconds).toISOString() : 'none'
}
