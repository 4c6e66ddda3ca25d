import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { batchAt } from './fake-log.ts'
import { InputSite, REST_MS } from './input-site.ts'
import { withAttributes } from './record-sets.ts'

const CONTROL = 0x20

let site: InputSite
function open(logs: Record<number, { low: number; high: number }>): void {
  site = new InputSite(logs)
}
afterEach(() => site.stop())

function untilTold(text: string): Promise<unknown> {
  return until(() => site.told.includes(text), { intervalMs: 1, message: `${text} is told` })
}

function untilFetched(times: number): Promise<unknown> {
  return until(() => site.fetches >= times, { intervalMs: 1, message: `there were ${times} fetches` })
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('no schema'))
}

describe('an input partition', () => {
  it('is read from where one is told to, stretch by stretch', async () => {
    open({ 0: { low: 0, high: 6 }, 1: { low: 0, high: 6 } })
    site.readFrom(0, 1)
    await untilTold('ingest 0: 5 to 6')
    expect(site.told).toEqual(['ingest 0: 1 to 3', 'ingest 0: 3 to 5', 'ingest 0: 5 to 6'])
  })

  it('may come while others are read, over the same connection', async () => {
    open({ 0: { low: 0, high: 2 }, 1: { low: 0, high: 2 } })
    site.readFrom(0, 0)
    await untilTold('ingest 0: 0 to 2')
    site.readFrom(1, 0)
    await untilTold('ingest 1: 0 to 2')
    expect(site.clusters).toHaveLength(1)
  })

  it('that is held while it is fetched hands over nothing of that, also if it is read again', async () => {
    open({ 0: { low: 0, high: 4 } })
    const go = site.close()
    site.readFrom(0, 0)
    await untilFetched(1)
    site.hold(0)
    site.readFrom(0, 2)
    go()
    await untilTold('ingest 0: 2 to 4')
    expect(site.told).toEqual(['ingest 0: 2 to 4'])
  })

  it('that is held while it is fetched is not told as one that cannot be read, whatever came of it', async () => {
    open({ 0: { low: 0, high: 4 }, 1: { low: 0, high: 2 } })
    site.instead.set(0, Buffer.alloc(100, 9))
    const go = site.close()
    site.readFrom(0, 0)
    await untilFetched(1)
    site.hold(0)
    go()
    site.readFrom(1, 0)
    await untilTold('ingest 1: 0 to 2')
    expect(site.warnings).toEqual([])
  })

  it('that is moved while a stretch is being folded hands over nothing of what came with it, or after it', async () => {
    open({ 0: { low: 0, high: 8 } })
    site.answers.push(async () => {
      await untilFetched(2)
      site.readFrom(0, 6)
      return { folded: true }
    })
    site.readFrom(0, 0)
    await untilTold('ingest 0: 6 to 8')
    expect(site.told).toEqual(['ingest 0: 0 to 2', 'ingest 0: 6 to 8'])
  })

  it('is held with all others at once', async () => {
    open({ 0: { low: 0, high: 2 }, 1: { low: 0, high: 2 } })
    const go = site.close()
    site.readFrom(0, 0)
    site.readFrom(1, 0)
    await untilFetched(1)
    site.reader.holdAll()
    go()
    site.readFrom(1, 1)
    await untilTold('ingest 1: 1 to 2')
    expect(site.told).toEqual(['ingest 1: 1 to 2'])
  })

  it('is read again from where the sink stands, if that is elsewhere', async () => {
    open({ 0: { low: 0, high: 6 } })
    site.answers.push(() => ({ seek: 1 }))
    site.readFrom(0, 4)
    await untilTold('ingest 0: 5 to 6')
    expect(site.told).toEqual(['ingest 0: 4 to 6', 'ingest 0: 1 to 3', 'ingest 0: 3 to 5', 'ingest 0: 5 to 6'])
  })

  it('moves on over what holds no record for us', async () => {
    open({ 0: { low: 0, high: 1 } })
    site.instead.set(0, withAttributes(await batchAt(0, 1), CONTROL))
    site.readFrom(0, 0)
    await untilTold('ingest 0: 0 to 1, empty')
    expect(site.toldOf(0)).toEqual(['ingest 0: 0 to 1, empty'])
  })
})

describe('while there is nothing to read', () => {
  it('nobody connects, and when all partitions are held nobody asks', async () => {
    open({ 0: { low: 0, high: 2 } })
    await new Promise(resolve => setImmediate(resolve))
    expect(site.clusters).toHaveLength(0)
    site.readFrom(0, 0)
    await untilTold('ingest 0: 0 to 2')
    site.hold(0)
    await until(() => site.clusters[0]?.answered === site.fetches, { intervalMs: 1, message: 'what is under way is answered' })
    const { fetches } = site
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
    expect(site.fetches).toBe(fetches)
  })
})

describe('a partition that cannot be read on', () => {
  it('because its stretch cannot be folded now, is tried again from there, told of once, and keeps no other', async () => {
    open({ 0: { low: 0, high: 2 }, 1: { low: 0, high: 4 } })
    site.answers.push(refuse, () => ({ folded: true }), () => ({ folded: true }), refuse)
    site.readFrom(0, 0)
    site.readFrom(1, 0)
    await until(() => site.toldOf(0).length === 3, { intervalMs: 1, message: 'it is tried again' })
    expect(site.toldOf(0)).toEqual(Array(3).fill('ingest 0: 0 to 2'))
    expect(site.told.slice(0, 3)).toEqual(['ingest 0: 0 to 2', 'ingest 1: 0 to 2', 'ingest 1: 2 to 4'])
    expect(site.warnings).toEqual(['a partition cannot be read now; trying again every second'])
    expect(site.clusters).toHaveLength(1)
  })

  it('because its bytes are damaged, keeps no other, and goes on when they are whole', async () => {
    open({ 0: { low: 0, high: 2 }, 1: { low: 0, high: 4 } })
    const damaged = await batchAt(0, 2)
    damaged[16] = 9
    site.instead.set(0, damaged)
    site.readFrom(0, 0)
    site.readFrom(1, 0)
    await untilTold('ingest 1: 2 to 4')
    expect(site.toldOf(0)).toEqual([])
    site.instead.clear()
    await untilTold('ingest 0: 0 to 2')
    expect(site.warnings).toHaveLength(1)
  })

  it('is tried again not sooner than it may', async () => {
    open({ 0: { low: 0, high: 2 } })
    const tried: number[] = []
    for (let times = 0; times < 3; times++) {
      site.answers.push(() => {
        tried.push(performance.now())
        return refuse()
      })
    }
    site.readFrom(0, 0)
    await until(() => tried.length === 3, { intervalMs: 1, message: 'it is tried again, and again' })
    expect((tried[2] ?? 0) - (tried[0] ?? 0)).toBeGreaterThan(2 * REST_MS - 2) // timers count whole milliseconds
  })

  it('and is held meanwhile, stays held', async () => {
    open({ 0: { low: 0, high: 2 }, 1: { low: 0, high: 2 } })
    site.answers.push(() => {
      site.hold(0)
      return refuse()
    })
    site.readFrom(0, 0)
    await untilTold('ingest 0: 0 to 2')
    site.readFrom(1, 0)
    await untilTold('ingest 1: 0 to 2')
    expect(site.clusters[0]?.asked.at(-1)?.map(({ partition }) => partition)).toEqual([1])
    expect(site.warnings).toEqual([])
  })
})

describe('a position', () => {
  it('whose records are gone is told of with the log’s bounds, and reading goes on at the earliest', async () => {
    open({ 0: { low: 5, high: 8 } })
    site.readFrom(0, 2)
    await untilTold('ingest 0: 7 to 8')
    expect(site.told).toEqual(['bounds 0: 5 to 8', 'ingest 0: 5 to 7', 'ingest 0: 7 to 8'])
  })

  it('beyond the end is told of again and again, and keeps no other', async () => {
    open({ 0: { low: 0, high: 3 }, 1: { low: 0, high: 2 } })
    site.readFrom(0, 9)
    site.readFrom(1, 0)
    await until(() => site.toldOf(0).length > 2, { intervalMs: 1, message: 'it is told of again' })
    expect(new Set(site.toldOf(0))).toEqual(new Set(['bounds 0: 0 to 3']))
    expect(site.toldOf(1)).toEqual(['ingest 1: 0 to 2'])
    expect(site.clusters).toHaveLength(1)
  })
})

describe('trouble with the brokers', () => {
  it('is told as an outage until it is over, and no position is lost', async () => {
    open({ 0: { low: 0, high: 2 } })
    site.readFrom(0, 0)
    await untilTold('ingest 0: 0 to 2')
    site.refusals.push(new Error('nobody there'))
    site.clusters[0]?.close()
    await until(() => site.availability.reason?.includes('nobody there'), { intervalMs: 1, message: 'it is told' })
    site.logs.set(0, { low: 0, high: 3 })
    await untilTold('ingest 0: 2 to 3')
    expect(site.availability.reason).toBe(null)
    expect(site.toldOf(0)).toEqual(['ingest 0: 0 to 2', 'ingest 0: 2 to 3'])
  })

  it('is over for those who have nothing to read any more', async () => {
    open({ 0: { low: 0, high: 2 } })
    site.refusals.push(new Error('nobody there'), new Error('nobody there'))
    site.readFrom(0, 0)
    await until(() => site.availability.reason?.includes('nobody there'), { intervalMs: 1, message: 'it is told' })
    site.hold(0)
    await until(() => site.availability.reason === null, { intervalMs: 1, message: 'it is over' })
    expect(site.clusters).toHaveLength(0)
  })
})
