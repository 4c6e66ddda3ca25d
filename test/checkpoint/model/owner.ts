import { noLetters } from '../../aggregator/fake-letters.ts'
import { Checkpointer } from '../../../src/aggregator/checkpointer.ts'
import { OwnedShard } from '../../../src/aggregator/owned-shard.ts'
import type { Partition } from '../../../src/aggregator/records.ts'
import { claimBatch, resume } from '../../../src/aggregator/take-over.ts'
import type { CheckpointCodec } from '../../../src/checkpoint/codec.ts'
import type { NewRecord } from '../../../src/checkpoint/log.ts'
import type { ShardView } from '../../../src/checkpoint/shard-view.ts'
import { View } from '../../../src/checkpoint/view.ts'
import { Decoder } from '../../../src/contract/codec.ts'
import { PlainLookup } from '../../../src/contract/plain-lookup.ts'
import type { EventKind } from '../../../src/contract/events.ts'
import type { BudgetPolicy } from '../../../src/core/policy.ts'
import type { Retention } from '../../../src/core/retention.ts'
import type { Input } from './input.ts'
import type { MemoryLog } from './log.ts'
import { silent } from './silent.ts'
import { Violation } from './violation.ts'
import { recordsOf } from '../../support/records.ts'

export const SHARD = 'input-0'
const PARTITION: Partition = { topic: 'input', partition: 0 }
/** What lands while an owner reads and writes makes more to write; but not for ever. */
const MOST_ROUNDS = 10
const noSchemas = { schemaById: () => null, isSettled: () => true, ensure: async () => {} }
const NEVER = new AbortController().signal

/** What becomes of a batch that is sent. `late`: it lands later, or never, and has failed before; `hangs`: no answer until it lands. */
export type Outcome = 'acked' | 'late' | 'twice' | 'hangs'

export interface Send {
  owner: Owner
  records: readonly NewRecord[]
  landed: () => void
}

/** What owners share. */
export interface Surroundings {
  readonly log: MemoryLog
  readonly input: Input
  readonly codec: CheckpointCodec
  readonly retention: Retention
  /** Of an owner that begins. */
  readonly budgetPolicy: () => BudgetPolicy | undefined
  readonly underWay: Send[]
  readonly makeShard: ((name: string) => ShardView) | undefined
  /** Rule 2 is off: what is lost is taken for acknowledged. */
  readonly isCareless: boolean
  now: number
  /** Records appended to the input so far. */
  high: () => number
  blame: (fault: string) => void
}

/** The real parts of one tenure, moved by hand. */
export class Owner {
  readonly view: View
  readonly #world: Surroundings
  readonly #epoch: number
  #shard: OwnedShard | null = null
  #checkpointer: Checkpointer | null = null
  #read = 0
  #tidied = 0
  #outcome: Outcome = 'acked'
  #isSending = false
  #isDead = false
  #wake: (() => void) | null = null

  /** Claims the partition and goes on from what the log says. */
  static async takeOver(world: Surroundings): Promise<Owner> {
    const owner = new Owner(world)
    await owner.#resume()
    return owner
  }

  private constructor(world: Surroundings) {
    this.#world = world
    this.view = newView(world)
    const claim = { owner: 'model', nonce: `${world.log.end}`, claimedAt: world.now, purpose: 'serve', holdMillis: 0 } as const
    this.tail()
    world.log.append(claimBatch(this.shardView, { codec: world.codec, claim }), world.now)
    this.#epoch = world.log.end - 1
    this.tail()
  }

  get shardView(): ShardView {
    return this.view.shard(SHARD)
  }

  get isLost(): boolean {
    return this.shardView.claim?.epoch !== this.#epoch
  }

  /** Reads the log. */
  tail(batches = Infinity): void {
    const records = this.#world.log.read(this.#read, batches)
    this.view.apply({ partition: 0, records: recordsOf(records) })
    this.#read = (records.at(-1)?.offset ?? this.#read - 1) + 1
  }

  fold(count: number): void {
    const { shard } = this.#parts
    const { records } = this.#world.input
    const { next } = shard.state
    shard.take(recordsOf(records.slice(next, Math.min(this.#world.high(), next + count))).cursor(), () => false)
  }

  noteBounds(): void {
    this.#parts.shard.noteBounds({ ...PARTITION, low: 0, high: this.#world.high() }, this.#world.now)
  }

  /** Sends what has changed, or what has failed once more; the next send ends so. */
  async checkpoint(outcome: Outcome): Promise<void> {
    this.#outcome = outcome
    if (this.#wake === null) void this.#parts.checkpointer.take()
    else this.#wake()
    await turns()
    this.#parts.shard.tidy(this.#tidied += 60_000)
  }

  /** Reads and writes until all is said. */
  async settle(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS && (round < 2 || this.shardView.stale.size > 0); round++) {
      this.tail()
      for (const writing = this.#parts.checkpointer.write(); await isPending(writing);) {
        this.#outcome = 'acked'
        const hanging = this.#world.underWay.findIndex(({ owner }) => owner === this)
        if (this.#wake !== null) this.#wake()
        else if (hanging >= 0) land(this.#world, this.#world.underWay.splice(hanging, 1))
      }
      this.tail()
    }
  }

  kill(): void {
    this.#isDead = true
  }

  get #parts(): { shard: OwnedShard; checkpointer: Checkpointer } {
    if (this.#shard === null || this.#checkpointer === null) throw new Error('not resumed')
    return { shard: this.#shard, checkpointer: this.#checkpointer }
  }

  async #resume(): Promise<void> {
    const { input, retention, codec } = this.#world
    const source = {
      hold: () => {}, readFrom: () => {},
      bounds: async () => ({ ...PARTITION, low: 0, high: this.#world.high() }),
      partitions: async () => 1,
      recordAt: async ({ offset }: { offset: number }) => input.records[offset] ?? null,
      committed: async () => null,
    }
    const onDamaged = (kind: string, key: string) => { this.#world.blame(`${kind} ${key} is damaged`) }
    const resumed = await resume(PARTITION, this.shardView, {
      source, retention, budgets: this.#world.budgetPolicy(), turn: async () => {}, onDamaged, signal: NEVER,
    })
    const { state, progress, mismatched, topicId } = resumed
    if (mismatched.length > 0) this.#world.blame(`resumed at ${state.next} with other ${mismatched.join(', ')} cells`)
    const decoder = new Decoder<EventKind>(input.kind)
    const plain = input.kind === 'lookup' ? new PlainLookup(new Decoder('lookup')) : null
    const shard = new OwnedShard({ ...PARTITION, state, progress, topicId, decoder, plain, schemas: noSchemas, telemetry: silent, deadLetterRate: 1 })
    this.#shard = shard
    this.#checkpointer = new Checkpointer({
      ...PARTITION, state, letters: shard.letters, deadLetters: noLetters, codec, view: this.shardView, epoch: this.#epoch, log: { append: (_partition, records) => this.#append(records) },
      standing: () => shard.standing, sessionLives: () => true, telemetry: silent, tell: () => {}, signal: NEVER, pause: () => this.#pause(),
      now: () => this.#world.now, checkpointInterval: 0, turn: async () => {},
    })
  }

  async #append(records: readonly NewRecord[]): Promise<void> {
    if (this.#isDead) return new Promise(() => {})
    if (this.#isSending) this.#world.blame('two checkpoints under way at once')
    this.#isSending = true
    const outcome = this.#outcome
    this.#outcome = 'acked'
    const isAcknowledged = await this.#transmit(records, outcome)
    await turns()
    this.#isSending = false
    if (!isAcknowledged) throw new Error('no answer')
  }

  async #transmit(records: readonly NewRecord[], outcome: Outcome): Promise<boolean> {
    const { log, now, underWay, isCareless } = this.#world
    if (outcome === 'acked' || outcome === 'twice') log.append(records, now)
    if (outcome === 'late') underWay.push({ owner: this, records, landed: () => {} })
    if (outcome === 'hangs') await new Promise<void>(landed => { underWay.push({ owner: this, records, landed }) })
    return outcome === 'acked' || outcome === 'hangs' || (outcome === 'late' && isCareless)
  }

  async #pause(): Promise<void> {
    await new Promise<void>(resolve => { this.#wake = resolve })
    this.#wake = null
  }
}

/** Sends that come through at last. */
export function land({ log, now }: Surroundings, sends: readonly Send[]): void {
  for (const { records, landed } of sends) {
    log.append(records, now)
    landed()
  }
}

export function newView({ codec, retention, makeShard }: Pick<Surroundings, 'codec' | 'retention' | 'makeShard'>): View {
  return new View({
    codec, retention, onClaim: () => {},
    onUnreadable: ({ offset, reason }) => { throw new Violation(`record ${offset} cannot be read: ${reason}`) },
    ...(makeShard && { makeShard }),
  })
}

/** Lets everything happen that waits for nothing from outside. */
export function turns(): Promise<void> {
  return new Promise(resolve => { setImmediate(resolve) })
}

function isPending(work: Promise<void>): Promise<boolean> {
  return Promise.race([work.then(() => false), turns().then(() => true)])
}
