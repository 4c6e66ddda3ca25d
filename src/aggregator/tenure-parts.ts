import type { CheckpointCodec } from '../checkpoint/codec.ts'
import type { CheckpointLog } from '../checkpoint/log.ts'
import type { ShardView } from '../checkpoint/shard-view.ts'
import type { Decoder, SchemaById } from '../contract/codec.ts'
import type { PlainLookup } from '../contract/plain-lookup.ts'
import type { EventKind } from '../contract/events.ts'
import type { Naming } from '../core/naming.ts'
import type { BudgetPolicy } from '../core/policy.ts'
import type { Retention } from '../core/retention.ts'
import type { DeadLetterLog } from './dead-letters.ts'
import type { Partition } from './records.ts'
import type { InputSource } from './source.ts'
import type { Folded, Telemetry } from './telemetry.ts'

/** What all tenures of a replica share. */
export interface TenureParts {
  log: CheckpointLog
  deadLetters: DeadLetterLog
  /** Dead letters a second and partition that are stored in the long run. */
  deadLetterRate: number
  codec: CheckpointCodec
  source: InputSource
  telemetry: Telemetry
  schemas: SchemaSource
  retention: Retention
  naming?: Naming | undefined
  /** None unless given. */
  budgets?: BudgetPolicy | undefined
  /** Of the policy that `naming`, `retention` and `budgets` are of. */
  fingerprint?: string | undefined
  /** Who we are, for people. */
  owner: string
  /** A text that nobody else has. */
  nonce: () => string
  /** Whether the group session lives. */
  sessionLives: () => boolean
  /** How often a checkpoint is written, in milliseconds, unless there is so much to write that it takes longer. */
  checkpointInterval: number
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Lets others work. */
  turn: () => Promise<void>
  /** Milliseconds: since the epoch, and monotonic. */
  wall: () => number
  monotonic: () => number
  tell: (level: 'info' | 'warn' | 'error', message: string) => void
}

export interface TenureOptions extends Partition {
  view: ShardView
  decoder: Decoder<EventKind>
  /** What reads most records of the kind by itself, if something does. */
  plain: PlainLookup | null
  /** Aborts when the group may have given the partition to somebody else. */
  signal: AbortSignal
}

/** What became of a batch; `gap`: it was fetched from beyond what is folded. */
export type Taken = Folded | 'gap'

/** Reads schemas that messages name by id. */
export interface SchemaSource {
  schemaById: SchemaById
  /** Whether it is known, or known not to exist, or not going to be asked for. */
  isSettled: (id: number) => boolean
  /** Resolves once each is settled; rejects if it cannot tell. */
  ensure: (ids: ReadonlySet<number>) => Promise<void>
}
