import { beforeEach, describe, expect, it } from 'vitest'
import { MOST_CHANGED_BYTES } from '../../src/aggregator/checkpointer.ts'
import type { Tenure } from '../../src/aggregator/tenure.ts'
import { CheckpointCodec } from '../../src/checkpoint/codec.ts'
import { checkpointKey } from '../../src/checkpoint/keys.ts'
import type { RecordBatch } from '../../src/aggregator/records.ts'
import { batch, lookup, lookupsIn, T0, TOPIC } from './messages.ts'
import { recordsOf } from '../support/records.ts'
import { epochsIn, settled, Site } from './site.ts'

const PARTITION = `${TOPIC}/0`
const SCHEMAS = Array.from({ length: 14 }, () => 'schema').join(' ')

let site: Site
beforeEach(() => { site = new Site() })

/** Look-ups that the view shows: what has been acknowledged and read back. */
const shown = () => lookupsIn(site.view.shard('lookups-0'))
const feed = (tenure: Tenure, fed: RecordBatch) => {
  site.source.keep(fed)
  return tenure.take(fed)
}

const boundsOf = (topicId: string) => ({ topic: TOPIC, partition: 0, low: 0, high: 9, topicId })

/** Look-ups that all change a cell of their own. */
const manyCells = (from: number, count: number) =>
  batch(from, Array.from({ length: count }, (_, index) => lookup({ client: `client ${from + index}` })))

/** Another owner's tenure, which has counted look-ups and written them. */
async function counted(records: number): Promise<void> {
  const { tenure, end } = await site.tenure()
  await feed(tenure, batch(0, Array.from({ length: records }, () => lookup())))
  await tenure.write()
  await end()
  site.source.done.length = 0
  site.log.attempts.length = 0
}

describe('a tenure that begins', () => {
  it('claims its partition, behind the schemas that it writes with, and reads nothing before it has read the claim back', async () => {
    site.log.follows = false
    const { tenure } = await site.tenure()
    expect(site.log.kinds).toEqual([`${SCHEMAS} claim`])
    expect([site.source.done, tenure.epoch, tenure.next]).toEqual([[], null, null])
    expect(tenure.waitsFor).toBe('lookups-0: waiting for its claim to be read back')
    expect(await tenure.take(batch(0, [lookup()]))).toEqual({ records: 0, bytes: 0, forgottenAgents: 0 })

    site.log.read()
    await settled()
    expect(site.source.done).toEqual([`read ${PARTITION} from 0`])
    expect([tenure.epoch, tenure.next, tenure.waitsFor]).toEqual([114, 0, null])
  })

  it('claims nothing while the group session may have ended, lest it displaces who owns the partition now', async () => {
    site.sessionLives = false
    const { tenure } = await site.tenure()
    await site.elapse(3_000)
    expect([site.log.kinds, tenure.epoch]).toEqual([[], null])

    site.sessionLives = true
    await site.elapse(1_000)
    expect([site.log.kinds, tenure.epoch]).toEqual([[`${SCHEMAS} claim`], 114])
  })

  it('says why its claim is not written, and writes it once it can', async () => {
    site.log.before = () => Promise.reject(new Error('not authorized to write to the checkpoint topic'))
    const { tenure } = await site.tenure()
    expect(tenure.waitsFor).toBe('lookups-0: its claim is not written yet: not authorized to write to the checkpoint topic')

    site.log.before = () => Promise.resolve()
    await site.elapse(1_000)
    expect([tenure.waitsFor, tenure.next]).toEqual([null, 0])
  })

  it('begins at the earliest record where there is no checkpoint', async () => {
    site.source.log.set(PARTITION, { topic: TOPIC, partition: 0, low: 7, high: 9 })
    const { tenure } = await site.tenure()
    expect([tenure.next, site.source.done, site.telemetry.losses]).toEqual([7, [`read ${PARTITION} from 7`], {}])
  })

  it('goes on from the progress of the owner before, with his counts, and does not write the schemas again', async () => {
    await counted(3)
    const { tenure } = await site.tenure()
    expect(site.log.kinds).toEqual(['claim'])
    expect([tenure.next, site.source.done]).toEqual([3, [`read ${PARTITION} from 3`]])
    await feed(tenure, batch(2, [lookup(), lookup()]))
    await tenure.write()
    expect(shown()).toBe(4)
    expect(site.telemetry.events).not.toContain(`digest mismatch ${PARTITION}`)
  })

  it('claims again until it is told that the log has the claim', async () => {
    site.log.before = () => Promise.reject(new Error('no leader'))
    await site.tenure()
    await site.elapse(2_000)
    expect(site.log.attempts).toHaveLength(3)
    site.log.before = () => Promise.resolve()
    await site.elapse(1_000)
    expect(site.source.done).toEqual([`read ${PARTITION} from 0`])
  })

  it('goes on with a claim that it has read back, though it was never told that the log has it', async () => {
    site.log.after = () => Promise.reject(new Error('the connection broke'))
    const { tenure } = await site.tenure()
    site.log.after = () => Promise.resolve()
    await site.elapse(5_000)
    expect(site.log.kinds.filter(kinds => kinds.endsWith('claim'))).toHaveLength(1)
    expect([tenure.epoch, tenure.waitsFor]).toEqual([114, null])
  })
})

describe('a tenure whose partition somebody else claims', () => {
  it('drops its state, holds the partition, and after a second claims it anew and goes on from what is written', async () => {
    const { tenure } = await site.tenure()
    await feed(tenure, batch(0, [lookup(), lookup()]))
    await tenure.write()
    await feed(tenure, batch(2, [lookup()]))
    site.claim()
    await settled()
    expect([tenure.epoch, tenure.next]).toEqual([null, null])
    expect(site.source.done.at(-1)).toBe(`hold ${PARTITION}`)
    expect(site.telemetry.events).toContain(`superseded ${TOPIC}`)
    expect(site.told).toEqual(['warn: lookups-0 has been claimed by them, but is given to us: we claim it anew'])

    await site.elapse(999)
    expect(tenure.epoch).toBe(null)
    await site.elapse(1)
    expect([tenure.next, site.source.done.at(-1)]).toEqual([2, `read ${PARTITION} from 2`])
    expect(tenure.epoch).toBe(site.view.shard('lookups-0').claim?.epoch)
  })

  it('waits for as long as the other asks: a repair takes its time', async () => {
    const { tenure } = await site.tenure()
    site.claim({ purpose: 'repair', holdMillis: 30_000 })
    await settled()
    await site.elapse(29_999)
    expect(tenure.epoch).toBe(null)
    await site.elapse(1)
    expect(tenure.epoch).not.toBe(null)
  })

  it('notices so where the other claim is read together with its own, right behind it', async () => {
    site.log.follows = false
    const { tenure } = await site.tenure()
    site.claim()
    site.log.follows = true
    site.log.read()
    await settled()
    expect([tenure.epoch, tenure.next]).toEqual([null, null])
    await site.elapse(1_000)
    expect(tenure.epoch).toBe(site.view.shard('lookups-0').claim?.epoch)
    await feed(tenure, batch(0, [lookup()]))
    await tenure.write()
    expect(shown()).toBe(1)
  })

  it('writes nothing under the lost claim, not even what was under way', async () => {
    const { tenure } = await site.tenure()
    await feed(tenure, batch(0, [lookup()]))
    site.log.before = () => Promise.reject(new Error('no leader'))
    const written = tenure.write()
    await settled()
    site.claim()
    site.log.before = () => Promise.resolve()
    await site.elapse(900)
    await written
    expect(site.log.kinds.slice(1)).toEqual(['arrivals lookups edge progress'])
    expect(shown()).toBe(0)
  })

  it('takes no claim before its own for one that comes after it', async () => {
    site.log.follows = false
    site.claim()
    const { tenure } = await site.tenure()
    site.log.read()
    await settled()
    expect([tenure.epoch, site.telemetry.events]).toEqual([115, [`taken over ${PARTITION}`]])
  })
})

describe('what a tenure writes', () => {
  it('is its changes and its progress, every second in which something changes, under its epoch', async () => {
    const { tenure } = await site.tenure()
    await site.elapse(1_000)
    expect([site.log.kinds.at(-1), tenure.acknowledged]).toEqual(['progress', 0])
    await feed(tenure, batch(0, [lookup()]))
    await site.elapse(1_000)
    expect([site.log.kinds.at(-1), tenure.acknowledged]).toEqual(['arrivals lookups edge progress', 1])
    await site.elapse(8_000)
    expect(site.log.attempts).toHaveLength(3)
    expect(site.log.attempts.slice(1).flatMap(epochsIn)).toEqual([114, 114])
    expect(site.telemetry.checkpoints.map(({ records }) => records)).toEqual([1, 4])
  })

  it('is written again every ten seconds while it stands at the end, if only to say so', async () => {
    const { tenure } = await site.tenure()
    await site.elapse(1_000)
    for (let second = 0; second < 25; second++) {
      tenure.noteBounds({ topic: TOPIC, partition: 0, low: 0, high: 0 }, site.now)
      await site.elapse(1_000)
    }
    expect(site.log.kinds.slice(1)).toEqual(['progress', 'progress', 'progress', 'progress'])
    expect(site.view.shard('lookups-0').progress?.atEnd).toBeGreaterThan(T0 + 10_000)
  })

  it('and was not acknowledged is sent again, byte for byte, until it is', async () => {
    const { tenure } = await site.tenure()
    await feed(tenure, batch(0, [lookup()]))
    site.log.after = () => Promise.reject(new Error('the connection broke'))
    await site.elapse(1_000)
    await feed(tenure, batch(1, [lookup()]))
    await site.elapse(500)
    expect(tenure.acknowledged).toBe(-1)
    site.log.after = () => Promise.resolve()
    await site.elapse(250)
    const [, first, ...again] = site.log.attempts
    expect(again).toHaveLength(3)
    for (const { records } of again) expect(records).toEqual(first?.records)
    expect([tenure.acknowledged, site.telemetry.events.filter(event => event.startsWith('checkpoint failed')).length]).toEqual([1, 3])
    await site.elapse(1_000)
    expect([tenure.acknowledged, shown()]).toEqual([2, 2])
  })

  it('is not sent while the group session may have ended, and is once it lives', async () => {
    const { tenure } = await site.tenure()
    await feed(tenure, batch(0, [lookup()]))
    site.sessionLives = false
    await site.elapse(3_000)
    expect(site.log.attempts).toHaveLength(1)
    site.sessionLives = true
    await site.elapse(250)
    expect([site.log.attempts.length, shown()]).toEqual([2, 1])
  })

  it('is one batch at a time, also where the view asks for something to be written again', async () => {
    const { tenure } = await site.tenure()
    const arrive = site.log.hang()
    void tenure.write()
    await settled()
    site.view.shard('lookups-0').noteStale({ shard: 'lookups-0', kind: 'agent', key: '5 sdk/1' })
    const [one, other] = [tenure.write(), tenure.write()]
    await settled()
    expect(site.log.attempts).toHaveLength(2)
    let underWay = 1 // the one that hangs
    let most = 1
    arrive()
    site.log.before = async () => { most = Math.max(most, ++underWay) }
    site.log.after = async () => {
      await settled()
      underWay--
    }
    await Promise.all([one, other])
    expect([most, site.log.attempts.length > 2]).toEqual([1, true])
  })
})

describe('a fold that changes more than a checkpoint holds', () => {
  it('waits where the next checkpoint is full and the one under way hangs, and goes on once that is acknowledged', async () => {
    const { tenure } = await site.tenure()
    await tenure.write()
    const arrive = site.log.hang()
    let folded = false
    const taken = feed(tenure, manyCells(0, 12_000)).finally(() => { folded = true })
    await settled()
    const first = sizeOf(site.log.attempts.at(-1)?.records ?? [])
    expect([folded, site.log.attempts.length]).toEqual([false, 3])
    const stood = tenure.next ?? 0
    expect(stood).toBeGreaterThan(1_000)
    expect(stood).toBeLessThan(11_000)
    expect(first).toBeLessThan(MOST_CHANGED_BYTES)
    await settled()
    expect(tenure.next).toBe(stood)

    arrive()
    await taken
    expect(tenure.next).toBe(12_000)
    await tenure.write()
    expect(shown()).toBe(12_000)
    for (const { records } of site.log.attempts) expect(sizeOf(records)).toBeLessThan(MOST_CHANGED_BYTES)
  })

  it('stops where the claim is lost meanwhile: what is not written is folded by whoever goes on', async () => {
    const { tenure } = await site.tenure()
    await tenure.write()
    const arrive = site.log.hang()
    const taken = feed(tenure, manyCells(0, 12_000))
    await settled()
    site.claim()
    arrive()
    await settled()
    const { records } = await taken as { records: number }
    expect([records > 1_000, records < 11_000, tenure.next]).toEqual([true, true, null])
    await site.elapse(1_000)
    expect(tenure.next).toBe(0)
  })
})

describe('a fold whose checkpoint is being taken', () => {
  it('waits until all of it is had, so that the checkpoint is of one moment', async () => {
    const { tenure } = await site.tenure()
    await feed(tenure, manyCells(0, 1_000))
    await settled()
    await feed(tenure, manyCells(1_000, 1_000))
    const others: (() => void)[] = []
    site.turn = () => new Promise(resolve => { others.push(resolve) })
    const written = tenure.write()
    await settled()
    others.shift()?.() // before it is taken
    await settled()
    const taken = feed(tenure, batch(2_000, [lookup(), lookup()]))
    await settled()
    expect([others.length, tenure.next, shown()]).toEqual([1, 2_000, 1_000])
    site.turn = () => Promise.resolve()
    others.shift()?.()
    await Promise.all([written, taken])
    expect([tenure.next, shown()]).toEqual([2_002, 2_000])
  })
})

describe('a fold that has caught up', () => {
  it('is written at once, and then when it is time, as long as it keeps up', async () => {
    const { tenure } = await site.tenure()
    await site.elapse(1_000)
    const records = Array.from({ length: 10 }, () => lookup())
    await feed(tenure, { ...batch(0, records), high: 20 })
    await settled()
    expect(shown()).toBe(0)
    await feed(tenure, { ...batch(10, records), high: 20 })
    await settled()
    expect(shown()).toBe(20)
    await feed(tenure, { ...batch(20, records), high: 30 })
    await settled()
    expect(shown()).toBe(20)
    await site.elapse(1_000)
    expect(shown()).toBe(30)
  })
})

describe('an input that is not the one that was counted', () => {
  beforeEach(() => counted(3))

  it('since it ends before what was counted, is refused, and looked at again every ten seconds', async () => {
    site.source.log.set(PARTITION, { topic: TOPIC, partition: 0, low: 0, high: 2 })
    const { tenure } = await site.tenure()
    expect(tenure.waitsFor).toMatch(/^lookups-0: discovery.lookups.v1\/0 ends at 2, but 3 had been reached: the topic was made anew/)
    expect([tenure.epoch, site.source.done]).toEqual([null, [`hold ${PARTITION}`]])
    await site.elapse(20_000)
    expect(site.telemetry.events.filter(event => event === `input mismatch ${PARTITION}`)).toHaveLength(3)
    expect(site.told).toEqual([expect.stringMatching(/^error: lookups-0 is not counted: .*--kafka.checkpoint-topic/)])
  })

  it.each<[string, () => void]>([
    ['another value', () => site.source.keep(batch(2, [lookup({ weight: 2 })]))],
    ['another append time', () => site.source.keep({ ...batch(2, []), records: recordsOf([{ offset: 2, appendTime: T0, value: lookup() }]) })],
    ['nothing', () => { site.source.records.clear() }],
  ])('since it has %s where the last record counted was, is refused', async (_, change) => {
    change()
    const { tenure } = await site.tenure()
    expect(tenure.waitsFor).toContain('holds another record at 2 than the one that was counted: the topic was made anew')
    expect(site.source.done).toEqual([`hold ${PARTITION}`])
    expect(site.telemetry.events).toContain(`input mismatch ${PARTITION}`)
  })

  it('cannot be told where retention has deleted the last record counted: what is missing is told as lost', async () => {
    site.source.records.clear()
    site.source.log.set(PARTITION, { topic: TOPIC, partition: 0, low: 5, high: 9 })
    const { tenure } = await site.tenure()
    expect([tenure.next, site.telemetry.losses]).toEqual([5, { [TOPIC]: 2 }])
    expect(site.told).toEqual([expect.stringMatching(/^error: 2 records of discovery.lookups.v1\/0 were deleted by the topic's retention/)])
  })

  it('is found while it is counted, too: the log ends below what had been folded before that was asked', async () => {
    const { tenure } = await site.tenure()
    tenure.noteBounds({ topic: TOPIC, partition: 0, low: 0, high: 3 }, site.now)
    site.source.log.set(PARTITION, { topic: TOPIC, partition: 0, low: 0, high: 1 })
    await site.elapse(1)
    tenure.noteBounds({ topic: TOPIC, partition: 0, low: 0, high: 1 }, site.now)
    await settled()
    expect(tenure.epoch).toBe(null)
    await site.elapse(1_000)
    expect(tenure.waitsFor).toContain('ends at 1, but 3 had been reached')
  })

  it('is none where the fold has gone on between the question for the end and its answer', async () => {
    const { tenure } = await site.tenure()
    tenure.noteBounds({ topic: TOPIC, partition: 0, low: 0, high: 3 }, site.now)
    await site.elapse(10)
    const askedAt = site.now
    await feed(tenure, batch(3, [lookup(), lookup()]))
    tenure.noteBounds({ topic: TOPIC, partition: 0, low: 0, high: 4 }, askedAt)
    await settled()
    expect([tenure.epoch, tenure.next]).not.toContain(null)
  })

  it('is none where two questions for the end are answered in the wrong order', async () => {
    const { tenure } = await site.tenure()
    const askedAt = site.now
    await site.elapse(10)
    await feed(tenure, batch(3, [lookup(), lookup()]))
    tenure.noteBounds({ topic: TOPIC, partition: 0, low: 0, high: 5 }, site.now)
    tenure.noteBounds({ topic: TOPIC, partition: 0, low: 0, high: 3 }, askedAt)
    await settled()
    expect([tenure.epoch, tenure.next]).not.toContain(null)
  })

  it('is found by its id, however far it has grown: as it is taken over, and while it is counted', async () => {
    site.source.log.set(PARTITION, boundsOf('a1'))
    const { tenure } = await site.tenure()
    await feed(tenure, batch(3, [lookup()]))
    await tenure.write()
    expect(site.view.shard('lookups-0').progress?.topicId).toBe('a1')
    site.source.log.set(PARTITION, boundsOf('b2'))
    tenure.noteBounds(boundsOf('b2'), site.now)
    await settled()
    expect(tenure.epoch).toBe(null)
    await site.elapse(1_000)
    expect(tenure.waitsFor).toContain('is another topic than the one that was counted: the topic was made anew')
    expect(site.telemetry.events).toContain(`input mismatch ${PARTITION}`)
  })
})

describe('a tenure tells', () => {
  it('where offsets were committed and the checkpoints are gone, that it counts anew and what it cannot', async () => {
    site.source.commits.set(PARTITION, 40)
    site.source.log.set(PARTITION, { topic: TOPIC, partition: 0, low: 7, high: 50 })
    const { tenure } = await site.tenure()
    expect([tenure.next, site.telemetry.losses]).toEqual([7, { [TOPIC]: 7 }])
    expect(site.told).toEqual([
      expect.stringMatching(/^error: 7 records of .* were deleted/),
      'error: discovery.lookups.v1/0 has been counted before, but its checkpoints are gone: it is counted anew, from its earliest record on',
    ])
  })

  it('of records that were deleted before it read them, once, and goes on behind them', async () => {
    const { tenure } = await site.tenure()
    await feed(tenure, batch(0, [lookup()]))
    for (let time = 0; time < 2; time++) tenure.noteBounds({ topic: TOPIC, partition: 0, low: 5, high: 8 }, site.now)
    expect([tenure.next, site.telemetry.losses, site.telemetry.lags]).toEqual([5, { [TOPIC]: 4 }, { [PARTITION]: 3 }])
    expect(site.told).toHaveLength(1)
  })

  it('of cells that are not those that its progress was written with, and of a damaged one when it is counted on', async () => {
    await counted(3)
    const { epoch = 0 } = site.view.shard('lookups-0').claim ?? {}
    const [edge] = site.view.shard('lookups-0').cells.edge.values()
    if (edge === undefined) throw new Error('no edge')
    const value = new CheckpointCodec().encodeCell({ ...edge, asOf: 9 }, epoch)
    site.log.store([{ key: checkpointKey({ shard: 'lookups-0', kind: 'edge', key: edge.key }), value: value.subarray(0, -1) }])
    const { tenure } = await site.tenure()
    expect(site.telemetry.events).toContain(`digest mismatch ${PARTITION}`)
    expect(site.told).toEqual([expect.stringMatching(/does not have the cells .* \(edge\).*discovery-metrics verify/)])
    await feed(tenure, batch(3, [lookup()]))
    expect(site.told.slice(1)).toEqual([expect.stringMatching(/is damaged \(edge .*discovery-metrics verify/)])
  })

  it('up to when all is counted: the newest record, or the last time that it stood at the end', async () => {
    const { tenure } = await site.tenure()
    await feed(tenure, batch(0, [lookup(), lookup()]))
    tenure.noteBounds({ topic: TOPIC, partition: 0, low: 0, high: 5 }, T0 + 60_000)
    expect([site.telemetry.lags, site.telemetry.complete]).toEqual([{ [PARTITION]: 3 }, { [PARTITION]: T0 + 1_000 }])
    tenure.noteBounds({ topic: TOPIC, partition: 0, low: 0, high: 2 }, T0 + 61_000)
    expect([site.telemetry.lags, site.telemetry.complete]).toEqual([{ [PARTITION]: 0 }, { [PARTITION]: T0 + 60_000 }])
  })
})

describe('a tenure that ends', () => {
  it('leaves what is under way, and does not touch the partition: the next tenure may be reading it', async () => {
    const { tenure, end } = await site.tenure()
    await feed(tenure, batch(0, [lookup()]))
    await end()
    await site.elapse(5_000)
    expect([site.log.attempts.length, tenure.next]).toEqual([1, null])
    expect(site.source.done).toEqual([`read ${PARTITION} from 0`])
  })
})

function sizeOf(records: readonly { key: string; value: Buffer | null }[]): number {
  return records.reduce((sum, { key, value }) => sum + Buffer.byteLength(key) + (value?.length ?? 0), 0)
}
