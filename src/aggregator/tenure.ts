import type { ShardView, StandingClaim } from '../checkpoint/shard-view.ts'
import { Checkpointer, MOST_CHANGED_BYTES } from './checkpointer.ts'
import { ResumeError } from './errors.ts'
import { OwnedShard } from './owned-shard.ts'
import type { LogBounds, Partition, RecordBatch } from './records.ts'
import { claimBatch, faultOf, restBeforeClaim, resume } from './take-over.ts'
import type { Taken, TenureOptions, TenureParts } from './tenure-parts.ts'
import { tellDamaged, tellLost, tellResumed } from './tidings.ts'

/** What could not be done is tried again after this, and an input that is not the one that was counted looked at again. Milliseconds. */
const [RETRY_MS, REFUSED_MS] = [1_000, 10_000]

/**
 * One partition for as long as the group gives it to us: claimed, resumed, folded and written; and claimed anew if somebody else's claim
 * comes late.
 */
export class Tenure implements Partition {
  readonly topic: string
  readonly partition: number
  readonly view: ShardView
  readonly #parts: TenureParts
  readonly #options: TenureOptions
  /** Aborts when the claim under way or standing is lost, or the partition is. */
  #claim = new AbortController()
  #nonce = ''
  /** Offset of our claim once it has been read back. */
  #epoch: number | null = null
  #readBack: (epoch: number) => void = () => {}
  /** How long to wait before claiming anew, in milliseconds. */
  #again = RETRY_MS
  #shard: OwnedShard | null = null
  /** What had been folded when the bounds were last looked at: an end that was asked for since cannot lie below it. */
  #sighted = { at: 0, next: 0 }
  #checkpointer: Checkpointer | null = null
  /** Whether the log went on behind what was last folded. */
  #isBehind = true
  #waitsFor = 'not claimed yet'
  #toldFault = ''

  constructor(options: TenureOptions, parts: TenureParts) {
    this.topic = options.topic
    this.partition = options.partition
    this.view = options.view
    this.#options = options
    this.#parts = parts
  }

  /** Offset of our claim, once it has been read back and while it stands: what the view shows of the shard is ours to export. */
  get epoch(): number | null {
    return this.#claim.signal.aborted ? null : this.#epoch
  }

  /** What the partition waits for; null if it is being folded. */
  get waitsFor(): string | null {
    return this.#shard === null ? `${this.view.shard}: ${this.#waitsFor}` : null
  }

  /** The next input offset to fold; null while there is no state. */
  get next(): number | null {
    return this.#shard?.state.next ?? null
  }

  /** The next input offset as last acknowledged; null while there is none. */
  get acknowledged(): number | null {
    return this.#checkpointer?.acknowledged ?? null
  }

  /** Runs until the partition is no longer ours. Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#options
    while (!signal.aborted) {
      this.#claim = new AbortController()
      this.#again = RETRY_MS
      const claim = AbortSignal.any([signal, this.#claim.signal])
      try {
        const epoch = await this.#claimIt(claim)
        await this.#resume(epoch, claim)
        await this.#checkpointer?.run(() => { this.#shard?.tidy(this.#parts.monotonic()) })
      } catch (error) {
        if (!claim.aborted) this.#again = this.#failed(error)
      }
      this.#drop()
      await restBeforeClaim(this.#again, { view: this.view, pause: this.#parts.pause, signal }).catch(() => {})
    }
  }

  /** A claim of this shard was read: the one we wait for, or one by which ours is lost. */
  claimRead({ nonce, epoch, owner, holdMillis }: StandingClaim): void {
    if (this.#epoch === null) {
      if (nonce === this.#nonce) this.#readBack(this.#epoch = epoch) // at once: a later claim may have been read with it
      return
    }
    if (epoch <= this.#epoch) return
    this.#parts.telemetry.superseded(this.topic)
    this.#parts.tell('warn', `${this.view.shard} has been claimed by ${owner}, but is given to us: we claim it anew`)
    this.#again = Math.max(RETRY_MS, holdMillis)
    this.#claim.abort()
  }

  /** Folds a batch; `gap` if it was fetched from beyond what is folded so far, and then folds nothing. */
  async take({ fetchedOffset, next, high, records }: Omit<RecordBatch, keyof Partition>): Promise<Taken> {
    const [shard, checkpointer] = [this.#shard, this.#checkpointer]
    if (shard === null || checkpointer === null) return { records: 0, bytes: 0, forgottenAgents: 0 }
    if (fetchedOffset > shard.state.next) return 'gap'
    const isFull = () => shard.state.changes.bytes >= MOST_CHANGED_BYTES || shard.letters.isFull
    const cursor = records.cursor()
    for (;;) {
      if (checkpointer.taking !== null) await checkpointer.taking
      const stop = shard.take(cursor, isFull)
      if (stop === 'end') break
      if (stop === 'full') await checkpointer.take()
      else await (stop === 'turn' ? this.#parts.turn() : this.#parts.schemas.ensure(new Set([stop.schemaId])))
      if (this.#shard !== shard) break
    }
    shard.moveTo(next)
    if (this.#isBehind && next >= high) checkpointer.hasten() // who waits for it need not wait longer
    this.#isBehind = next < high
    return shard.takeFolded()
  }

  /** Notes where the partition begins and ends, as answered to a question sent at `askedAt` (milliseconds since the epoch). */
  noteBounds(bounds: LogBounds, askedAt: number): void {
    if (this.#shard === null) return
    tellLost(this, this.#shard.skipTo(bounds.low), this.#parts)
    const lag = this.#shard.noteBounds(bounds, askedAt)
    this.#parts.telemetry.lag(this, lag, Math.max(this.#shard.state.streamTime, this.#shard.standing.atEnd))
    const isShorter = this.#sighted.at < askedAt && bounds.high < this.#sighted.next
    if (isShorter || this.#shard.isOtherTopic(bounds)) this.#claim.abort() // made anew: resuming finds it out
    this.#sighted = { at: this.#parts.wall(), next: this.#shard.state.next }
  }

  /** Writes what has not been written; resolves when it is acknowledged, or the claim is lost. */
  async write(): Promise<void> {
    await this.#checkpointer?.write()
  }

  async #claimIt(signal: AbortSignal): Promise<number> {
    const { log, codec, owner, wall, pause, sessionLives } = this.#parts
    this.#epoch = null
    this.#nonce = this.#parts.nonce()
    this.#waitsFor = 'waiting for its claim to be read back'
    const readBack = new Promise<number>((resolve, reject) => {
      this.#readBack = resolve
      signal.addEventListener('abort', () => reject(new Error('the claim is lost')), { once: true })
    })
    readBack.catch(() => {}) // it may be lost before anybody waits for it
    const claim = claimBatch(this.view, { codec, claim: { owner, nonce: this.#nonce, claimedAt: wall(), purpose: 'serve', holdMillis: 0 } })
    while (this.#epoch === null) {
      // who has just woken may be no member any more, and must not displace the owner
      const fault = sessionLives() ? await faultOf(log.append(this.partition, claim)) : 'the group session may have ended'
      if (fault === null) break
      this.#waitsFor = `its claim is not written yet: ${fault}`
      await pause(RETRY_MS, signal)
    }
    return readBack
  }

  async #resume(epoch: number, signal: AbortSignal): Promise<void> {
    const { source, retention, naming, budgets, turn, telemetry, monotonic } = this.#parts
    this.#waitsFor = 'restoring its state'
    const started = monotonic()
    const resumed = await resume(this, this.view, {
      source, retention, naming, budgets, turn, signal, onDamaged: (kind, key) => tellDamaged(this, { kind, key }, this.#parts),
    })
    signal.throwIfAborted()
    tellResumed(this, resumed, this.#parts)
    const shard = new OwnedShard({ ...this.#parts, ...this.#options, ...resumed })
    this.#shard = shard
    this.#toldFault = ''
    this.#checkpointer = new Checkpointer({
      ...this.#parts, ...this.#options, state: resumed.state, letters: shard.letters, epoch, standing: () => shard.standing, signal, now: monotonic,
    })
    telemetry.takenOver(this, (monotonic() - started) / 1_000)
    source.readFrom(this, resumed.state.next)
  }

  #drop(): void {
    if (!this.#options.signal.aborted) this.#parts.source.hold(this) // otherwise it may be read by the tenure that follows
    this.#shard = null
    this.#checkpointer = null
    this.#epoch = null
    this.#nonce = ''
    this.#sighted = { at: 0, next: 0 }
  }

  #failed(error: unknown): number {
    const { telemetry, tell } = this.#parts
    const reason = error instanceof Error ? error.message : String(error)
    if (this.#toldFault !== reason) tell('error', `${this.view.shard} is not counted: ${reason}`)
    this.#toldFault = this.#waitsFor = reason
    if (!(error instanceof ResumeError)) return RETRY_MS
    telemetry.inputMismatch(this)
    return REFUSED_MS
  }
}
