import type { Progress } from '../checkpoint/codec.ts'
import type { HeldCells } from '../checkpoint/held-cells.ts'
import type { ShardView } from '../checkpoint/shard-view.ts'
import type { CellKind } from '../core/cells.ts'
import { emptyDigests, type Digests } from '../core/changes.ts'
import { isPast } from '../core/retention.ts'
import type { Reference } from './reference.ts'

/** What is wrong with a shard as a whole. A closed list. */
export const shardFaults = [
  /** The input ends before what has been counted: the topic was deleted and made again. */
  'input_truncated',
  /** The input holds another record where the last one counted was. */
  'input_replaced',
  /** The cells were counted by another policy than the one that is given. */
  'policy_differs',
  /** Part of the input was counted by an earlier policy, and cells differ. */
  'policy_changed',
  /** The cells are not those that the progress was written with. */
  'digest_mismatch',
  /** The stream time is not the highest append time of what was counted. */
  'stream_time',
] as const
export interface ShardFault {
  fault: (typeof shardFaults)[number]
  detail: string
}

/** The input is not the one that was counted: to hold the cells against it would tell nothing. */
export function inputFault(progress: Progress, reference: Reference, { high, topicId = '' }: { high: number; topicId?: string | undefined }): ShardFault | null {
  const { asOf: next, lastOffset, lastAppendTime, lastHash } = progress
  if (topicId !== '' && progress.topicId !== '' && topicId !== progress.topicId) {
    return { fault: 'input_replaced', detail: `the topic has id ${topicId}, the one that was counted had ${progress.topicId}` }
  }
  if (next > high) return { fault: 'input_truncated', detail: `the input ends at ${high}, but ${next} has been reached` }
  const { last } = reference
  if (lastOffset < reference.low) return null // none, or deleted by its retention
  if (last?.offset !== lastOffset) {
    const where = last === null ? 'none' : `at ${last.offset}`
    return { fault: 'input_replaced', detail: `the last record counted was at ${lastOffset}, the input has its last before ${next} ${where}` }
  }
  if (last.appendTime === lastAppendTime && last.hash === lastHash) return null
  const detail = `the record at ${lastOffset} is another one than was counted: appended ${time(last.appendTime)}, not ${time(lastAppendTime)}, ` +
    `with hash ${last.hash}, not ${lastHash}`
  return { fault: 'input_replaced', detail }
}

/** By another policy, the same input rightly comes to other cells. */
export function otherPolicy({ policy }: Progress, given: string): ShardFault | null {
  if (policy === given) return null
  return { fault: 'policy_differs', detail: 'its cells were counted by another policy than this: give verify the --policy.file of the replicas' }
}

/** Cells that differ may do so rightly, and mending them would spoil them, where what they are held against was counted by two policies. */
export function formerPolicy({ policySince }: Progress, { low }: Reference, differing: number): ShardFault | null {
  if (policySince <= low || differing === 0) return null
  const detail = `what lies below offset ${policySince} was counted by an earlier policy, and rightly gave other cells; nothing is mended until the ` +
    `input begins there (it begins at ${low})`
  return { fault: 'policy_changed', detail }
}

/** What the progress says of the cells and does not hold. */
export function progressFaults(view: ShardView, progress: Progress, reference: Reference): ShardFault[] {
  const faults: ShardFault[] = []
  const mismatched = Object.entries(digestsOf(view, progress.streamTime))
    .filter(([kind, digest]) => (progress.digests[kind] ?? String(digest)) !== String(digest)).map(([kind]) => kind)
  if (mismatched.length > 0) {
    faults.push({ fault: 'digest_mismatch', detail: `the cells are not those that the progress was written with: ${mismatched.join(', ')}` })
  }
  const { streamTime } = reference.state
  if (reference.whole && streamTime !== progress.streamTime) {
    faults.push({ fault: 'stream_time', detail: `the stream time is ${time(progress.streamTime)}, it should be ${time(streamTime)}` })
  }
  return faults
}

/** Digests over the cells that a reader takes for live at the stream time: neither expired nor damaged. */
export function digestsOf(view: ShardView, streamTime: number): Digests {
  const digests = emptyDigests()
  for (const cells of Object.values(view.cells) as HeldCells<CellKind>[]) {
    for (const { key, head, cell } of cells.copies()) {
      if (cell !== null && !isPast(head.expiresAt, streamTime)) digests[cells.kind].add(key, head.asOf)
    }
  }
  return digests
}

function time(milliseconds: number): string {
  return milliseconds > 0 ? new Date(milliseconds).toISOString() : 'never'
}
