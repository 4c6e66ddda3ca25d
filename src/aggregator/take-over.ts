import { ownedState, restoreState, type RestoreOptions } from '../checkpoint/restore.ts'
import { checkpointKey } from '../checkpoint/keys.ts'
import type { CheckpointCodec, Claim, Progress } from '../checkpoint/codec.ts'
import type { NewRecord } from '../checkpoint/log.ts'
import type { ShardView } from '../checkpoint/shard-view.ts'
import { budgetsOf } from '../core/budgets.ts'
import { hashOf } from '../core/digest.ts'
import type { Naming } from '../core/naming.ts'
import type { BudgetPolicy } from '../core/policy.ts'
import { type Retention } from '../core/retention.ts'
import type { ShardState } from '../core/state.ts'
import { OTHER_INPUT_HINT, ResumeError } from './errors.ts'
import type { LogBounds, Partition } from './records.ts'
import type { InputSource } from './source.ts'

/** The claim as it is appended, behind the schemas of what we write that the log does not hold for this shard yet (rule 1). */
export function claimBatch(view: ShardView, { codec, claim }: { codec: CheckpointCodec; claim: Claim }): NewRecord[] {
  const { shard } = view
  const schemas = codec.writtenSchemas.filter(({ fingerprint }) => !view.schemas.has(fingerprint))
  return [
    ...schemas.map(({ fingerprint: key, schema }) => ({ key: checkpointKey({ shard, kind: 'schema', key }), value: Buffer.from(schema) })),
    { key: checkpointKey({ shard, kind: 'claim', key: '' }), value: codec.encodeClaim(claim) },
  ]
}

/** Why an append was not acknowledged; null if it was. */
export function faultOf(appending: Promise<void>): Promise<string | null> {
  return appending.then(() => null, (error: unknown) => (error instanceof Error ? error.message : String(error)))
}

/** Between two looks at a repair. Milliseconds. */
const LOOK_MS = 1_000

export interface RestOptions {
  view: ShardView
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  signal: AbortSignal
}

/** Waits before a shard is claimed anew: that many milliseconds, or less where the claim that stands is of a repair, and it is done. */
export async function restBeforeClaim(milliseconds: number, { view, pause, signal }: RestOptions): Promise<void> {
  const isRepaired = () => view.claim?.purpose === 'repair' && view.progress?.epoch === view.claim.epoch
  for (let left = milliseconds; left > 0; left = isRepaired() ? 0 : left - LOOK_MS) await pause(Math.min(left, LOOK_MS), signal)
}

export interface Resumed {
  state: ShardState
  progress: Progress | null
  /** Records that had been, or should have been, counted, and are in the input no more. */
  lost: number
  /** Kinds whose cells are not those that the progress was written with. */
  mismatched: readonly string[]
  /** Kafka's id of the input topic; empty: not known. */
  topicId: string
}

export interface ResumeOptions {
  source: InputSource
  retention: Retention
  naming?: Naming | undefined
  budgets?: BudgetPolicy | undefined
  turn: () => Promise<void>
  onDamaged: RestoreOptions['onDamaged']
  signal: AbortSignal
}

/**
 * The state from which a partition is folded on, once our claim has been read back (rule 4): what the view has, compared with the input. A
 * partition without a checkpoint begins at its earliest record. Throws a ResumeError where the input is not the one that was counted.
 */
export async function resume(partition: Partition, view: ShardView, options: ResumeOptions): Promise<Resumed> {
  const { source, signal } = options
  const bounds = await source.bounds(partition, signal)
  const budgets = options.budgets && budgetsOf(options.budgets, await source.partitions(partition.topic, signal))
  const restored = await restoreState(view, { ...options, budgets })
  if (restored === null) {
    const committed = await source.committed(partition, signal)
    const state = ownedState(view, bounds.low, { ...options, budgets })
    return { state, progress: null, lost: committed === null ? 0 : bounds.low, mismatched: [], topicId: bounds.topicId ?? '' }
  }
  if (view.progress !== null) await compareInput(view.progress, bounds, options)
  const lost = Math.max(0, bounds.low - restored.state.next)
  restored.state.next += lost
  return { ...restored, progress: view.progress, lost, topicId: bounds.topicId ?? view.progress?.topicId ?? '' }
}

async function compareInput(progress: Progress, bounds: LogBounds, { source, signal }: ResumeOptions): Promise<void> {
  const { topic, partition, low, high, topicId } = bounds
  const { asOf: next, lastOffset, lastAppendTime, lastHash } = progress
  if (next > high) {
    throw new ResumeError('input_truncated', `${topic}/${partition} ends at ${high}, but ${next} had been reached: ${OTHER_INPUT_HINT}`)
  }
  if (topicId !== undefined && progress.topicId !== '' && topicId !== progress.topicId) {
    throw new ResumeError('input_replaced', `${topic} is another topic than the one that was counted: ${OTHER_INPUT_HINT}`)
  }
  if (lastOffset < low) return // deleted by its retention: there is nothing to compare
  const record = await source.recordAt({ topic, partition, offset: lastOffset }, signal)
  const isSame = record !== null && record.appendTime === lastAppendTime && hashOf(record.value ?? new Uint8Array()) === lastHash
  if (!isSame) {
    const message = `${topic}/${partition} holds another record at ${lastOffset} than the one that was counted: ${OTHER_INPUT_HINT}`
    throw new ResumeError('input_replaced', message)
  }
}
