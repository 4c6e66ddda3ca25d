import { KeyHash } from '../../src/core/digest.ts'
import { checkpointBatch } from '../../src/checkpoint/batch.ts'
import { CheckpointCodec } from '../../src/checkpoint/codec.ts'
import { checkpointKey } from '../../src/checkpoint/keys.ts'
import type { NewRecord, UnreadableBatch } from '../../src/checkpoint/log.ts'
import { View } from '../../src/checkpoint/view.ts'
import type { ShardView, StandingClaim } from '../../src/checkpoint/shard-view.ts'
import { createEncoder, Decoder } from '../../src/contract/codec.ts'
import { eventDefaults, type EventKind, type LookupEvent, type RegistrationEvent } from '../../src/contract/events.ts'
import type { Budgets } from '../../src/core/budgets.ts'
import type { AnyCell, CellKind, CellOf } from '../../src/core/cells.ts'
import { keyOf } from '../../src/core/names.ts'
import { Reference, type InputRecord } from '../../src/verify/reference.ts'
import { recordsOf } from '../support/records.ts'

export const codec = new CheckpointCodec()
export const T0 = Date.UTC(2026, 0, 1)
export const SHARD = 'lookups-0'
/** Offset of the claim that the checkpoints are written under. */
export const EPOCH = 1

const encodeLookup = createEncoder('lookup')
const encodeRegistration = createEncoder('registration')

/** A look-up of `cart` by `web`, appended `seconds` after T0, but for the fields given. */
export function lookup(offset: number, fields: Partial<LookupEvent> = {}, seconds = offset): InputRecord {
  const event = { ...eventDefaults.lookup, service: 'cart', client: 'web', outcome: 'SUCCESS', ...fields } as const
  return { offset, appendTime: T0 + seconds * 1_000, value: encodeLookup(event) }
}

/** A registration of instance `a` of `cart`, appended `seconds` after T0, but for the fields given. */
export function registration(offset: number, fields: Partial<RegistrationEvent> = {}, seconds = offset): InputRecord {
  const event = { ...eventDefaults.registration, service: 'cart', instance: 'a', operation: 'REGISTER', outcome: 'SUCCESS', ...fields } as const
  return { offset, appendTime: T0 + seconds * 1_000, value: encodeRegistration(event) }
}

export interface ReferenceParts {
  low?: number
  kind?: EventKind
  seeds?: AnyCell[]
  budgets?: Budgets
}

/** What the records come to. */
export function referenceOf(records: readonly (InputRecord | UnreadableBatch)[], options: ReferenceParts = {}): Reference {
  const { low = 0, kind = 'lookup', seeds = [], budgets } = options
  const reference = new Reference({ low, budgets, decoder: new Decoder<EventKind>(kind), seeds })
  reference.take(records.filter(({ offset }) => offset >= low), low)
  reference.finish()
  return reference
}

/** The view of a shard that counted the records from the first on, and wrote one checkpoint. */
export class CountedShard {
  readonly view: ShardView
  readonly claims = new Map<string, StandingClaim[]>()
  readonly #view: View
  #next = 0

  constructor(records: readonly InputRecord[], kind: EventKind = 'lookup', budgets: Budgets = {}) {
    this.#view = new View({ codec, onClaim: (shard, claim) => this.claims.set(shard, [...(this.claims.get(shard) ?? []), claim]), onUnreadable: ({ reason }) => { throw new Error(reason) } })
    this.view = this.#view.shard(SHARD)
    const claim = { owner: 'us', nonce: 'n', claimedAt: T0, purpose: 'serve', holdMillis: 0 } as const
    this.append([{ key: `${SHARD} schema none`, value: null }, { key: `${SHARD} claim`, value: codec.encodeClaim(claim) }])
    const { state, last } = referenceOf(records, { kind, budgets })
    const standing = { atEnd: 0, lastOffset: last?.offset ?? -1, lastAppendTime: last?.appendTime ?? 0, lastHash: last?.hash ?? '', topicId: 'topic', policy: '', policySince: 0 }
    this.append([...checkpointBatch(state, this.view, { codec, epoch: EPOCH, standing })])
  }

  cell<K extends CellKind>(kind: K, ...names: string[]): CellOf[K] {
    const cell = this.view.cells[kind].get(keyOf(...names))
    if (cell === undefined) throw new Error(`no ${kind} ${names.join(' ')}`)
    return structuredClone(cell)
  }

  /** Writes a cell under another claim than it was, so that it counts whatever it is as of. */
  forge(cell: AnyCell): void {
    this.append([{ key: keyIn(cell), value: codec.encodeCell(cell, EPOCH + 1) }])
  }

  /** The log no longer holds a cell. */
  lose({ kind, key }: AnyCell): void {
    const cells = this.view.cells[kind]
    cells.remove(cells.find(new KeyHash().ofText(key)))
  }

  damage(cell: AnyCell): void {
    this.append([{ key: keyIn(cell), value: codec.encodeCell(cell, EPOCH + 1).subarray(0, -1) }])
  }

  append(records: readonly NewRecord[]): void {
    const keyed = records.map(({ key, value, headers = {} }) => ({
      offset: this.#next++, appendTime: T0, key: Buffer.from(key), value,
      headers: Object.entries(headers).map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
    }))
    this.#view.apply({ partition: 0, records: recordsOf(keyed) })
  }
}

function keyIn({ kind, key }: AnyCell): string {
  return checkpointKey({ shard: SHARD, kind, key })
}
