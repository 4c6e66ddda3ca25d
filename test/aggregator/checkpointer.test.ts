import { beforeEach, describe, expect, it } from 'vitest'
import { Checkpointer } from '../../src/aggregator/checkpointer.ts'
import type { Standing } from '../../src/checkpoint/batch.ts'
import type { DeadLetter } from '../../src/contract/dead-letters.ts'
import { edit, emptyState, type ShardState } from '../../src/core/state.ts'
import { T0, TOPIC } from './messages.ts'
import { settled, Site } from './site.ts'

let site: Site
let state: ShardState
let standing: Standing
let losing: AbortController
let checkpointer: Checkpointer
let waiting: DeadLetter[][]

beforeEach(() => {
  site = new Site()
  state = emptyState(7)
  standing = { topicId: '', atEnd: 0, lastOffset: -1, lastAppendTime: 0, lastHash: '', policy: '', policySince: 0 }
  losing = new AbortController()
  waiting = []
  checkpointer = created()
})

/** A checkpointer under a claim of its own. */
function created(): Checkpointer {
  const epoch = site.claim()
  site.log.attempts.length = 0
  const { log, deadLetters, codec, telemetry, tell, pause, sessionLives, monotonic: now } = site.parts
  return new Checkpointer({
    topic: TOPIC, partition: 0, state, letters: { take: () => waiting.splice(0) }, deadLetters, view: site.view.shard('lookups-0'), epoch, log, codec, telemetry, tell, pause, sessionLives, now,
    signal: losing.signal, checkpointInterval: 1_000, turn: async () => {}, standing: () => standing,
  })
}

describe('a checkpoint is needed', () => {
  it('at first, to say where the fold began; and then not until something happens', async () => {
    expect([checkpointer.isNeeded(), checkpointer.acknowledged]).toEqual([true, -1])
    await checkpointer.write()
    expect([checkpointer.isNeeded(), checkpointer.acknowledged]).toEqual([false, 7])
    await checkpointer.write()
    expect(site.log.attempts).toHaveLength(1)
  })

  it('not at first, where the one before says just that', async () => {
    await checkpointer.write()
    expect([created().isNeeded(), created().acknowledged]).toEqual([false, 7])
  })

  it.each<[string, () => unknown]>([
    ['a cell has changed', () => edit(state, 'agent', 'a')],
    ['a cell is gone', () => state.changes.noteAbsent({ kind: 'agent', key: '1 a' })],
    ['the fold has moved on, if only over markers', () => state.next++],
    ['the view asks for something to be written again', () => site.view.shard('lookups-0').noteStale({ shard: 'lookups-0', kind: 'progress', key: '' })],
    ['the owner has stood at the end for another ten seconds', () => { standing = { ...standing, atEnd: 10_000 } }],
    ['the policy is another one than the last checkpoint says', () => { standing = { ...standing, policy: 'p2' } }],
  ])('once %s', async (_, happening) => {
    await checkpointer.write()
    expect(checkpointer.isNeeded()).toBe(false)
    happening()
    expect(checkpointer.isNeeded()).toBe(true)
    await checkpointer.write()
    expect([checkpointer.isNeeded(), site.log.attempts.length]).toEqual([false, 2])
  })

  it('not for less than ten seconds at the end', async () => {
    await checkpointer.write()
    standing = { ...standing, atEnd: 9_999 }
    expect(checkpointer.isNeeded()).toBe(false)
  })
})

describe('a checkpointer', () => {
  it('tells each checkpoint that is acknowledged, and how long that took', async () => {
    edit(state, 'agent', 'a')
    site.log.before = async () => { site.now = T0 + 40 }
    await checkpointer.write()
    const [, progress] = site.log.attempts[0]?.records ?? []
    expect(site.telemetry.checkpoints).toMatchObject([{ topic: TOPIC, partition: 0, records: 2, seconds: 0.04 }])
    expect(site.telemetry.checkpoints[0]?.bytes).toBeGreaterThan(progress?.value?.length ?? 0)
  })

  it('tells that it is taken before it is acknowledged: the fold goes on', async () => {
    const arrive = site.log.hang()
    await checkpointer.take()
    edit(state, 'agent', 'a')
    expect([site.log.attempts.length, checkpointer.acknowledged]).toEqual([1, -1])
    arrive()
    await checkpointer.write()
    expect(checkpointer.acknowledged).toBe(7)
  })

  it.each<[string, () => unknown]>([
    ['the partition is lost', () => losing.abort()],
    ['somebody else has claimed it', () => site.claim()],
  ])('writes nothing once %s, and does not wait for ever', async (_, loss) => {
    edit(state, 'agent', 'a')
    loss()
    await checkpointer.write()
    expect([site.log.attempts, checkpointer.acknowledged]).toEqual([[], -1])
  })

  it('gives up what it could not deliver when the claim is lost', async () => {
    site.log.before = () => Promise.reject(new Error('no leader'))
    const writing = checkpointer.write()
    await settled()
    await site.elapse(500)
    losing.abort()
    await writing
    expect([site.log.attempts.length, checkpointer.acknowledged]).toEqual([3, -1])
  })
})

describe('a checkpoint that nobody acknowledges', () => {
  it('is told of after a minute, once, with the reason, and sent all the same', async () => {
    site.log.before = () => Promise.reject(new Error('the batch is too large'))
    const writing = checkpointer.write()
    await settled()
    await site.elapse(59_000)
    expect(site.told).toEqual([])
    await site.elapse(60_000)
    expect(site.told).toEqual([expect.stringMatching(/^error: no checkpoint of .*\/0 has been acknowledged for a minute, .*the batch is too large/)])
    site.log.before = () => Promise.resolve()
    await site.elapse(1_000)
    await writing
    expect(checkpointer.acknowledged).toBe(7)
  })
})

const letter = (offset: number): DeadLetter => ({
  topic: TOPIC, partition: 0, offset, timestamp: T0, reason: 'malformed', detail: '', key: null, value: null, headers: [], batchOf: 0, cutFrom: 0,
})

describe('dead letters', () => {
  it('are acknowledged before the checkpoint that passes them is written', async () => {
    waiting = [[letter(5)], [letter(6)]]
    let storedBefore = -1
    site.log.before = async () => { storedBefore = site.letters.stored.length }
    await checkpointer.write()
    expect([storedBefore, checkpointer.acknowledged]).toEqual([2, 7])
    expect(site.telemetry.stored).toEqual([`${TOPIC} malformed`, `${TOPIC} malformed`])
  })

  it('that are not acknowledged hold the checkpoint back, and are sent again, those before them not', async () => {
    waiting = [[letter(5)], [letter(6)]]
    site.letters.before = async () => { if (site.letters.stored.length === 1) throw new Error('no leader') }
    const writing = checkpointer.write()
    await settled()
    await site.elapse(5_000)
    expect([site.log.attempts.length, checkpointer.acknowledged]).toEqual([0, -1])
    site.letters.before = () => Promise.resolve()
    await site.elapse(1_000)
    await writing
    expect([site.letters.stored.map(({ offset }) => offset), checkpointer.acknowledged]).toEqual([[5, 6], 7])
  })

  it('that the topic takes in no form are counted, and hold nothing back', async () => {
    waiting = [[letter(5), letter(6)]]
    site.letters.takes = ({ offset }) => offset === 6
    await checkpointer.write()
    expect([site.letters.stored.map(({ offset }) => offset), site.telemetry.letterDrops, checkpointer.acknowledged]).toEqual([[6], 1, 7])
  })

  it('are given up when the claim is lost: who takes over meets the records again', async () => {
    waiting = [[letter(5)], [letter(6)]]
    site.letters.before = async () => { losing.abort() }
    await checkpointer.write()
    expect([site.letters.stored.length, site.log.attempts.length, checkpointer.acknowledged]).toEqual([1, 0, -1])
  })
})
