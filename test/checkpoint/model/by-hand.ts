import * as fc from 'fast-check'
import { CheckpointCodec } from '../../../src/checkpoint/codec.ts'
import type { ShardView, ShardViewOptions } from '../../../src/checkpoint/shard-view.ts'
import type { Retention } from '../../../src/core/retention.ts'
import { visibleCells, type VisibleShard } from '../../../src/views/shard.ts'
import { countersOf, difference, edgeSums, textOf } from './cells.ts'
import type { BudgetPolicy } from '../../../src/core/policy.ts'
import { Reference, START, type Input } from './input.ts'
import { COMPACTION_LAG_MS, MemoryLog } from './log.ts'
import { land, newView, Owner, SHARD, turns, type Outcome, type Send, type Surroundings } from './owner.ts'
import { Violation } from './violation.ts'
import { recordsOf } from '../../support/records.ts'

const codec = new CheckpointCodec()

export interface Happening {
  what: keyof ByHand & `on${string}`
  /** Whatever has to be chosen is chosen by these. */
  dice: number
  more: number
}

export interface Settings {
  retention: Retention
  /** Each owner has one of these; one for all of them unless several are given. */
  budgets: readonly (BudgetPolicy | undefined)[]
  makeShard?: (name: string, options: ShardViewOptions) => ShardView
  isCareless?: boolean
}

const weights: Record<Happening['what'], number> = {
  onFold: 38, onCheckpoint: 26, onTail: 12, onRebalance: 5, onKill: 3, onLateClaim: 3, onLanding: 8, onZombieFold: 6, onZombieCheckpoint: 7,
  onZombieTail: 2, onCleaning: 4, onIdling: 2, onPause: 3, onRevival: 3, onScrape: 10,
}

export function happenings(length: number): fc.Arbitrary<Happening[]> {
  const what = fc.oneof(...Object.entries(weights).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Happening['what']) })))
  const dice = fc.nat({ max: 0xffff })
  return fc.array(fc.record({ what, dice, more: dice }), { minLength: length, maxLength: length, size: 'max' })
}

/** One input partition, its checkpoint log, its owner, and those who take themselves for it. */
export class ByHand implements Surroundings {
  readonly log = new MemoryLog()
  readonly codec = codec
  readonly underWay: Send[] = []
  readonly input: Input
  readonly retention: Retention
  readonly makeShard: Surroundings['makeShard']
  readonly isCareless: boolean
  now = START
  readonly #settings: Settings
  readonly #reference: Reference
  readonly #zombies: Owner[] = []
  #owners = 0
  #current: Owner | null = null
  #fault: string | null = null
  #high = 0
  #lastRead = { next: 0, time: 0 }
  #exported = new Map<string, number>()

  constructor(input: Input, settings: Settings) {
    this.input = input
    this.#settings = settings
    this.retention = settings.retention
    const { makeShard } = settings
    this.makeShard = makeShard && (name => makeShard(name, { codec, retention: settings.retention }))
    this.isCareless = settings.isCareless ?? false
    this.#reference = new Reference(input, settings)
  }

  async run(happened: readonly Happening[]): Promise<void> {
    this.#current = await Owner.takeOver(this)
    for (const [step, { what, dice, more }] of happened.entries()) {
      this.now += dice % 1_500
      if (this.#owner.isLost) this.#current = await Owner.takeOver(this) // the group still gives it the partition
      await this[what](dice, more)
      if (step % 7 === 0) this.#check()
      if (this.#fault !== null) throw new Violation(`step ${step}: ${this.#fault}`)
    }
    await this.#settle()
    if (this.#check().stale.size > 0) this.blame('a reader that begins now finds something stale')
    if (this.#fault !== null) throw new Violation(`at the end: ${this.#fault}`)
  }

  high(): number {
    const { records } = this.input
    for (let next = records[this.#high]; next !== undefined && next.appendTime <= this.now; next = records[this.#high]) this.#high++
    return this.#high
  }

  budgetPolicy(): BudgetPolicy | undefined {
    const { budgets } = this.#settings
    return budgets[this.#owners++ % budgets.length]
  }

  blame(fault: string): void {
    this.#fault ??= fault
  }

  onFold(dice: number): void {
    this.#owner.fold(dice % 6)
    if (dice % 3 === 0) this.#owner.noteBounds()
  }

  async onCheckpoint(dice: number, more: number): Promise<void> {
    if (dice % 5 > 0) this.#owner.tail()
    await this.#owner.checkpoint(outcomes[more % outcomes.length] ?? 'acked')
  }

  onTail(dice: number): void {
    this.#owner.tail(1 + dice % 3)
  }

  /** The old owner does not know yet. */
  async onRebalance(): Promise<void> {
    this.#zombies.push(this.#owner)
    this.#current = await Owner.takeOver(this)
  }

  async onKill(): Promise<void> {
    this.#owner.kill()
    this.#current = await Owner.takeOver(this)
  }

  /** Of an owner that has died since. */
  async onLateClaim(): Promise<void> {
    const dead = await Owner.takeOver(this)
    dead.kill()
  }

  async onLanding(dice: number, more: number): Promise<void> {
    const [send] = this.underWay.splice(dice % Math.max(1, this.underWay.length), 1)
    if (send === undefined) return
    land(this, [send])
    if (more % 5 === 0) this.underWay.push({ ...send, landed: () => {} })
    await turns()
  }

  onZombieFold(dice: number, more: number): void {
    this.#zombie(dice)?.fold(more % 20)
  }

  async onZombieCheckpoint(dice: number, more: number): Promise<void> {
    await this.#zombie(dice)?.checkpoint(outcomes[more % outcomes.length] ?? 'acked')
  }

  onZombieTail(dice: number): void {
    const zombie = this.#zombie(dice)
    zombie?.tail()
    if (zombie?.isLost === true) this.#zombies.splice(this.#zombies.indexOf(zombie), 1)
  }

  async onCleaning(): Promise<void> {
    await this.#settle()
    this.log.compact(this.now)
  }

  /** Nothing comes for long, but for what has been under way for long. */
  async onIdling(dice: number, more: number): Promise<void> {
    for (let times = 0; times < 1 + dice % 4; times++) {
      this.now += COMPACTION_LAG_MS + 1
      await this.onCleaning()
      if (more % 3 > 0) await this.onLanding(dice, more)
    }
  }

  /** The owner stands at the end for longer than the time after which it says so again. */
  async onPause(dice: number, more: number): Promise<void> {
    this.#owner.fold(Infinity)
    await this.onCheckpoint(dice, 0)
    this.now += 11_000
    this.#owner.noteBounds()
    await this.onCheckpoint(more, dice)
  }

  /** Cells expire between a checkpoint and its late repetition. */
  async onRevival(dice: number, more: number): Promise<void> {
    this.#owner.tail()
    for (const outcome of ['late', 'acked', 'acked'] as const) await this.#owner.checkpoint(outcome)
    this.#owner.tail()
    this.now += 30_000
    this.#owner.fold(20 + dice % 20)
    for (const outcome of ['acked', 'acked'] as const) await this.#owner.checkpoint(outcome)
    await this.onLanding(this.underWay.length - 1, more)
  }

  /** What the rightful owner shows, from the view it has, never steps back. */
  onScrape(): void {
    const shown = this.#owner.shardView.visible
    if (shown !== null) this.#exported = this.#advanced(this.#exported, countersOf(visibleCells(shown)))
  }

  get #owner(): Owner {
    if (this.#current === null) throw new Error('nobody owns the partition')
    return this.#current
  }

  #zombie(dice: number): Owner | undefined {
    return this.#zombies[dice % Math.max(1, this.#zombies.length)]
  }

  /** Within the compaction lag an owner has read the log, claimed anew if it must, and written. */
  async #settle(): Promise<void> {
    await this.#owner.settle()
    if (this.#owner.isLost) {
      this.#current = await Owner.takeOver(this)
      await this.#owner.settle()
    }
    if (this.#owner.shardView.stale.size > 0) this.blame('what is stale is never written again')
  }

  #advanced(before: ReadonlyMap<string, number>, now: Map<string, number>): Map<string, number> {
    for (const [name, value] of before) {
      const shown = now.get(name) ?? (name.startsWith('edge ') ? value : 0)
      if (shown < value) this.blame(`${name} has been shown at ${value}, and is shown at ${shown}`)
    }
    return now
  }

  /** A reader that begins now sees the fold of just as many records as the progress says, and is behind none that began before. */
  #check(): ShardView {
    const view = newView(this)
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
    const { cells } = this.#reference.at(next)
    const wanted = visibleCells({ ...visible, cells })
    const seen = visibleCells(visible)
    const isMixed = this.#settings.budgets.length > 1
    const [all, expected] = [seen, wanted].map(each => textOf(each, isMixed ? { but: ['edge', 'cardinality'] } : {}))
    if (all !== expected) this.blame(`at ${next}:\n${difference(all ?? '', expected ?? '')}`)
    if (edgeSums(seen) !== edgeSums(wanted)) this.blame(`at ${next} the edges add up to ${edgeSums(seen)}, not ${edgeSums(wanted)}`)
  }
}

const outcomes: readonly Outcome[] = ['acked', 'acked', 'acked', 'acked', 'acked', 'late', 'twice', 'hangs', 'late']
