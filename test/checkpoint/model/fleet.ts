import * as fc from 'fast-check'
import { CheckpointCodec } from '../../../src/checkpoint/codec.ts'
import type { ShardView } from '../../../src/checkpoint/shard-view.ts'
import type { Retention } from '../../../src/core/retention.ts'
import { visibleCells, type VisibleShard } from '../../../src/views/shard.ts'
import { countersOf, difference, textOf } from './cells.ts'
import { Reference, shortRetention, START, type Input } from './input.ts'
import { COMPACTION_LAG_MS, MemoryLog } from './log.ts'
import { newView, turns } from './owner.ts'
import { Replica, SESSION_TIMEOUT_MS, SHARD, type Sent, type Site } from './replica.ts'
import { Violation } from './violation.ts'
import { recordsOf } from '../../support/records.ts'

const codec = new CheckpointCodec()
const REPLICAS = 3
/** Within this many seconds an owner that is not disturbed has read, claimed and written. */
const SETTLES_WITHIN = 40

export interface FleetHappening {
  what: keyof Fleet & `on${string}`
  dice: number
  more: number
}

const weights: Record<FleetHappening['what'], number> = {
  onTime: 30, onFetch: 24, onLanding: 28, onReading: 24, onBounds: 6, onRebalance: 3, onStop: 3, onTimeout: 4, onWaking: 6, onKill: 2, onWrite: 3,
  onLateSend: 6, onCleaning: 2, onIdling: 1, onScrape: 12,
}

export function fleetHappenings(length: number): fc.Arbitrary<FleetHappening[]> {
  const what = fc.oneof(...Object.entries(weights).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as FleetHappening['what']) })))
  const dice = fc.nat({ max: 0xffff })
  return fc.array(fc.record({ what, dice, more: dice }), { minLength: length, maxLength: length, size: 'max' })
}

/** Three replicas of the real aggregator, the group that gives one of them the partition, the network between, and a Prometheus. */
export class Fleet implements Site {
  readonly log = new MemoryLog()
  readonly codec = codec
  readonly sent: Sent[] = []
  readonly input: Input
  readonly retention: Retention = shortRetention
  now = START
  readonly #reference: Reference
  readonly #late: Sent[] = []
  #replicas: Replica[] = []
  #made = 0
  #nonces = 0
  #owner: Replica
  #fault: string | null = null
  #high = 0
  #lastRead = { next: 0, time: 0 }
  #exported = new Map<string, number>()
  /** How often a page was compared with the fold. */
  scrapes = 0

  constructor(input: Input) {
    this.input = input
    this.#reference = new Reference(input, this)
    this.#replicas = Array.from({ length: REPLICAS }, () => this.#newReplica())
    this.#owner = this.#pick(0)
  }

  async run(happened: readonly FleetHappening[]): Promise<void> {
    this.#owner.assign()
    for (const [step, { what, dice, more }] of happened.entries()) {
      await this[what](dice, more)
      await turns()
      if (more % 4 > 0) for (const replica of this.#replicas) replica.think()
      await turns()
      if (step % 9 === 0) this.#check()
      if (this.#fault !== null) throw new Violation(`step ${step}, ${what}: ${this.#fault}`)
    }
    await this.#finish()
    if (this.#fault !== null) throw new Violation(`at the end: ${this.#fault}`)
  }

  high(): number {
    const { records } = this.input
    for (let next = records[this.#high]; next !== undefined && next.appendTime <= this.now; next = records[this.#high]) this.#high++
    return this.#high
  }

  nonce(): string {
    return String(++this.#nonces)
  }

  blame(fault: string): void {
    this.#fault ??= fault
  }

  onTime(dice: number): void {
    this.#pass(dice % 2_000)
  }

  onFetch(dice: number, more: number): void {
    this.#pick(dice).fetch(more % 8)
    this.#owner.fetch(dice % 6)
  }

  onReading(dice: number, more: number): void {
    this.#pick(dice).read(1 + more % 4)
    this.#owner.read(1 + dice % 4)
  }

  onBounds(dice: number): void {
    this.#pick(dice).askBounds()
    this.#owner.askBounds()
  }

  /** What is sent lands and is acknowledged; or lands, and the answer is lost; or may land later. */
  onLanding(dice: number, more: number): void {
    const [sent] = this.sent.splice(dice % Math.max(1, this.sent.length), 1)
    if (sent === undefined) return
    const fate = more % 8
    if (fate !== 7) this.log.append(sent.records, this.now)
    if (fate < 6) sent.answer?.landed()
    else sent.answer?.failed()
    if (fate === 7 || (fate === 5 && dice % 3 === 0)) this.#late.push(sent)
  }

  onLateSend(dice: number, more: number): void {
    const [sent] = this.#late.splice(dice % Math.max(1, this.#late.length), 1)
    if (sent === undefined) return
    this.log.append(sent.records, this.now)
    if (more % 4 === 0) this.#late.push(sent)
  }

  /** The group asks all to join again; a kept partition, too, is given anew. */
  onRebalance(dice: number): void {
    if (!this.#owner.isRunning || this.#owner.isCutOff) return
    this.#owner.leave()
    this.#give(dice)
  }

  /** The owner, or the network before it, stands still. */
  onStop(dice: number): void {
    if (dice % 2 === 0) this.#owner.isFrozen = true
    else this.#owner.isCutOff = true
  }

  /** The group has waited for long enough. */
  onTimeout(dice: number): void {
    if (this.now - this.#owner.heardAt < SESSION_TIMEOUT_MS) return
    this.#give(dice)
  }

  /** A replica goes on as if nothing had been, is scraped at once, and only then hears of the group. */
  async onWaking(dice: number, more: number): Promise<void> {
    const woken = this.#replicas.filter(({ isFrozen, isCutOff }) => isFrozen || isCutOff)[dice % REPLICAS]
    if (woken === undefined) return
    woken.isFrozen = false
    this.onScrape()
    for (let times = more % 4; times > 0; times--) {
      woken.think()
      woken.fetch(4)
      await turns()
      if (times % 2 === 0) woken.read(2)
    }
    this.onScrape()
    if (more % 3 === 0) return
    if (woken === this.#owner && this.now - woken.heardAt < SESSION_TIMEOUT_MS) woken.isCutOff = false
    else if (woken === this.#owner) this.#owner.assign()
    else {
      woken.leave()
      woken.isCutOff = false
    }
  }

  /** kill -9; another process takes its place. */
  onKill(dice: number): void {
    const killed = this.#pick(dice)
    killed.isDead = true
    const ofTheDead = this.sent.filter(({ sender }) => sender === killed)
    for (const sent of ofTheDead) this.#late.push(...this.sent.splice(this.sent.indexOf(sent), 1))
    this.#replicas = this.#replicas.map(replica => (replica === killed ? this.#newReplica() : replica))
    if (killed === this.#owner) this.#give(dice)
  }

  onWrite(): void {
    this.#owner.write()
  }

  async onCleaning(dice: number): Promise<void> {
    await this.#settle(dice)
    this.log.compact(this.now)
  }

  async onIdling(dice: number): Promise<void> {
    for (let times = 0; times < 1 + dice % 3; times++) {
      await this.onCleaning(dice)
      for (const end = this.now + COMPACTION_LAG_MS; this.now <= end;) this.#pass(5_000)
      this.onLateSend(dice, times)
    }
    await this.onCleaning(dice)
  }

  /** One replica at most shows the shard, as the fold of so many records as it has read of, and no counter lower than any did before. */
  onScrape(): void {
    const shown = this.#replicas.flatMap(replica => replica.shown().map(shard => ({ shard, next: replica.shardView.progress?.asOf ?? 0 })))
    if (shown.length > 1) this.blame('two replicas show the same shard')
    for (const { shard, next } of shown) {
      this.scrapes++
      this.#compare(shard, next)
      this.#advance(countersOf(visibleCells(shard)))
    }
  }

  #newReplica(): Replica {
    return new Replica(this, { isCredulous: this.#made++ % 2 === 0 })
  }

  #pick(dice: number): Replica {
    const picked = this.#replicas[dice % REPLICAS]
    if (picked === undefined) throw new Error('no replica')
    return picked
  }

  #give(dice: number): void {
    const able = this.#replicas.filter(replica => replica.isRunning && !replica.isCutOff)
    const next = able[dice % Math.max(1, able.length)]
    if (next === undefined) return
    this.#owner = next
    next.assign()
  }

  #pass(milliseconds: number): void {
    this.now += milliseconds
    this.#owner.heartbeat()
  }

  /** Some second after second in which nothing is in the owner's way; if there is none that can, another process comes. */
  async #settle(dice: number, isDone = () => this.#owner.isSettled): Promise<void> {
    if (!this.#owner.isRunning || this.#owner.isCutOff) {
      for (const end = this.now + SESSION_TIMEOUT_MS; this.now < end;) this.#pass(1_000)
      if (!this.#replicas.some(replica => replica.isRunning && !replica.isCutOff)) this.#replicas[0] = this.#newReplica()
      this.#give(dice)
    }
    for (let second = 0; second === 0 || !isDone(); second++) {
      if (second > SETTLES_WITHIN) return this.blame('the owner does not settle')
      this.#pass(1_000)
      for (let turn = 0; turn < 8; turn++) {
        for (const sent of this.sent.filter(({ sender }) => sender === this.#owner)) {
          this.sent.splice(this.sent.indexOf(sent), 1)
          this.log.append(sent.records, this.now)
          sent.answer?.landed()
        }
        this.#owner.read()
        this.#owner.think()
        await turns()
      }
    }
  }

  /** In the end everything is counted, once. */
  async #finish(): Promise<void> {
    const ofOthers = this.sent.filter(({ sender }) => sender !== this.#owner)
    for (const { records } of [...ofOthers, ...this.#late.splice(0)]) this.log.append(records, this.now)
    this.now = Math.max(this.now, this.input.records.at(-1)?.appendTime ?? 0)
    const all = this.input.records.length
    await this.#settle(0, () => {
      this.#owner.fetch(all)
      this.#owner.askBounds()
      return this.#owner.isSettled && this.#owner.shardView.progress?.asOf === all
    })
    this.onScrape()
    if (this.#check().stale.size > 0) this.blame('a reader that begins now finds something stale')
  }

  /** A reader that begins now is behind none that began before. */
  #check(): ShardView {
    const view = newView({ codec, retention: this.retention, makeShard: undefined })
    view.apply({ partition: 0, records: recordsOf(this.log.read(0)) })
    const read = view.shard(SHARD)
    const { progress, visible } = read
    if (progress === null || visible === null) return read
    const { next, time } = this.#lastRead
    if (progress.asOf < next) this.blame(`a reader saw ${next} records counted, and one later only ${progress.asOf}`)
    if (visible.time < time) this.blame(`a reader knew what happened up to ${time}, and one later only up to ${visible.time}`)
    this.#lastRead = { next: progress.asOf, time: visible.time }
    this.#compare(visible, progress.asOf)
    return read
  }

  #compare(visible: VisibleShard, next: number): void {
    const wanted = textOf(visibleCells({ ...visible, cells: this.#reference.at(next).cells }))
    const seen = textOf(visibleCells(visible))
    if (seen !== wanted) this.blame(`at ${next}:\n${difference(seen, wanted)}`)
  }

  #advance(now: Map<string, number>): void {
    for (const [name, value] of this.#exported) {
      const shown = now.get(name) ?? (name.startsWith('edge ') ? value : 0)
      if (shown < value) this.blame(`${name} has been shown at ${value}, and is shown at ${shown}`)
    }
    this.#exported = now
  }
}
