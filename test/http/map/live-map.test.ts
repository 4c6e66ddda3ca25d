import { describe, expect, it } from 'vitest'
import { LiveMap } from '../../../src/http/map/live-map.ts'
import { Shared } from '../../../src/http/map/shared.ts'
import { LoggedShards } from '../../views/map-of.ts'
import { lookup, SECOND, shardOf, T0, type Appended } from '../../views/shards.ts'

function mapOf(events: Appended[]) {
  const logged = new LoggedShards()
  const told: unknown[] = []
  const clock = { now: T0, looks: 0, turns: 0, worked: 0, stepCosts: 0, fault: null as Error | null }
  const map = new LiveMap({
    shards: () => {
      clock.looks++
      if (clock.fault !== null) throw clock.fault
      logged.write(shardOf(events))
      return logged.numbered
    },
    now: () => clock.now, turn: async () => { clock.turns++ }, monotonic: () => clock.worked += clock.stepCosts, onError: error => { told.push(error) },
  })
  return { map, clock, told }
}

const edgesOf = async (map: LiveMap) => (await map.read()).snapshot.topology.clients.length

describe('the live map', () => {
  it('looks at the cells again after half a second, and then sees what has changed', async () => {
    const events = [lookup({})]
    const { map, clock } = mapOf(events)
    expect(await edgesOf(map)).toBe(1)
    events.push(lookup({ client: 'mail' }))
    expect(await edgesOf(map)).toBe(1)
    clock.now += 500
    expect(await edgesOf(map)).toBe(2)
    expect(clock.looks).toBe(2)
  })

  it('is made anew in the background when it is asked for and will soon be too old, so that nobody waits', async () => {
    const events = [lookup({})]
    const { map, clock, told } = mapOf(events)
    await map.read()
    events.push(lookup({ client: 'mail' }))
    clock.now += 299
    expect(await edgesOf(map)).toBe(1)
    expect(clock.looks).toBe(1)
    clock.now += 1
    expect(await edgesOf(map)).toBe(1)
    expect(clock.looks).toBe(2)
    await expect.poll(() => edgesOf(map)).toBe(2)
    clock.fault = new Error('no cells')
    clock.now += 300
    expect(await edgesOf(map)).toBe(2)
    await expect.poll(() => told).toEqual([clock.fault])
  })

  it('lets others work between its steps', async () => {
    const { map, clock } = mapOf(Array.from({ length: 300 }, (_, index) => lookup({ client: `c${index}` })))
    await map.read()
    expect(clock.turns).toBeGreaterThan(3)
  })

  it('looks again after a look that failed, and tells whoever asked', async () => {
    const { map, clock } = mapOf([lookup({})])
    clock.fault = new Error('no cells')
    await expect(map.read()).rejects.toThrow('no cells')
    clock.fault = null
    expect(await edgesOf(map)).toBe(1)
  })

  it('shows what was found while it looks anew, but nothing that is older than a minute', async () => {
    const { map, clock } = mapOf([lookup({})])
    expect(map.lastFindings()).toBeNull()
    const { counts } = await map.findings()
    expect(counts).toMatchObject({ unregistered_lookup: 1, cycle: 0 })
    clock.now += 20 * SECOND
    expect(map.lastFindings()?.at).toBe(T0)
    await expect.poll(() => map.lastFindings()?.at).toBe(T0 + 20 * SECOND)
    clock.now += 60 * SECOND
    expect(map.lastFindings()).toBeNull()
  })

  it('rests for twenty times as long as looking for findings cost, and shows them for four times that', async () => {
    const { map, clock } = mapOf([lookup({})])
    clock.stepCosts = 100
    await map.findings()
    const cost = clock.worked / 2 // the clock is read before and after each step
    clock.now += 20 * cost - 1
    expect(map.lastFindings()?.at).toBe(T0)
    expect(clock.looks).toBe(1)
    clock.now += 1
    expect(map.lastFindings()?.at).toBe(T0)
    await expect.poll(() => clock.looks).toBe(2)
    await expect.poll(() => map.lastFindings()?.at).toBe(T0 + 20 * cost)
  })

  it('tells of findings that could not be made, although nobody waits for them', async () => {
    const { map, clock, told } = mapOf([])
    clock.fault = new Error('no cells')
    map.lastFindings()
    await expect.poll(() => told).toEqual([clock.fault])
  })
})

describe('a shared answer', () => {
  it('is one for all who ask while it is made and shortly after, for each question apart', async () => {
    let [now, made] = [0, 0]
    const shared = new Shared<number>(100, () => now)
    const make = async () => ++made
    expect(await Promise.all([shared.get('a', make), shared.get('a', make), shared.get('b', make)])).toEqual([1, 1, 2])
    now = 99
    expect(await shared.get('a', make)).toBe(1)
    now = 100
    expect(await shared.get('a', make)).toBe(3)
  })

  it('is made again if it could not be', async () => {
    const shared = new Shared<number>(100, () => 0)
    await expect(shared.get('a', async () => { throw new Error('not now') })).rejects.toThrow('not now')
    expect(await shared.get('a', async () => 7)).toBe(7)
  })

  it('is kept for no more than a few questions', async () => {
    let made = 0
    const shared = new Shared<number>(100, () => 0)
    for (let question = 0; question < 33; question++) await shared.get(String(question), async () => ++made)
    expect(await shared.get('0', async () => ++made)).toBe(34)
    expect(await shared.get('32', async () => ++made)).toBe(33)
  })
})
