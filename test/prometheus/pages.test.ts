import { setImmediate as turn } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { checkpointBatch } from '../../src/checkpoint/batch.ts'
import { CheckpointCodec } from '../../src/checkpoint/codec.ts'
import { View } from '../../src/checkpoint/view.ts'
import type { ShardState } from '../../src/core/state.ts'
import { createOwnMetrics } from '../../src/prometheus/own-metrics.ts'
import { createPages, type PagesOptions } from '../../src/prometheus/pages.ts'
import { createRegistry } from '../../src/prometheus/registry.ts'
import { foldAll, lookup } from '../core/story.ts'
import { familyLines, wholeOf } from './pages-of.ts'
import { recordsOf } from '../support/records.ts'

const codec = new CheckpointCodec()
const replica = { format: 'text', scope: 'replica' } as const

function pagesOf(options: Partial<PagesOptions> = {}) {
  const registry = new Registry()
  const telemetry = createOwnMetrics(registry, { version: '1.2.3' })
  const pages = createPages({ registry, shards: () => [], hold: () => () => {}, standing: () => '', telemetry, turn: async () => { await turn() }, ...options })
  const scrapes = async () => (await registry.metrics()).split('\n').filter(line => /scrape_(failures_total|\w*_count)\{/.test(line))
  return { pages, scrapes }
}

/** A page of the view's shards, large enough for many turns of the event loop. */
function viewed(options: Partial<PagesOptions> = {}) {
  const view = new View({ codec, onClaim: () => {}, onUnreadable: ({ reason }) => { throw new Error(reason) } })
  const registry = createRegistry({ shards: () => view.visible })
  const { pages } = pagesOf({ registry, shards: () => view.visible, hold: () => view.hold(), ...options })
  let offset = 0
  const put = (state: ShardState) => {
    const standing = { topicId: '', atEnd: 0, lastOffset: -1, lastAppendTime: 0, lastHash: '', policy: '', policySince: 0 }
    const records = [...checkpointBatch(state, view.shard('lookups-0'), { codec, epoch: 1, standing })]
      .map(({ key, value }) => ({ offset: offset++, appendTime: 0, key: Buffer.from(key), value, headers: [] }))
    return view.take({ partition: 0, records: recordsOf(records), next: offset, high: offset, low: 0 })
  }
  return { view, pages, put }
}

const manyClients = (count: number) => Array.from({ length: count }, (_, index) => lookup({ client: `client-${index}` }))
const countsOf = (page: string) => new Set(familyLines(page, 'discovery_service_graph_request_total').flatMap(line => line.split('} ')[1] ?? []))

describe('a page', () => {
  it('that was read whole is timed, by scope', async () => {
    const { pages, scrapes } = pagesOf()
    await wholeOf(pages.write({ format: 'text', scope: 'cluster' }))
    expect(await scrapes()).toEqual(['discovery_aggregator_scrape_duration_seconds_count{scope="cluster"} 1'])
  })

  it('that failed is counted, the error is passed on, and the next one is made all the same', async () => {
    let fails = true
    const { pages, scrapes } = pagesOf({ shards: () => { if (fails) throw new Error('not now'); return [] } })
    await expect(pages.write(replica).next()).rejects.toThrow('not now')
    expect(await scrapes()).toEqual(['discovery_aggregator_scrape_failures_total{scope="replica"} 1'])
    fails = false
    expect(await wholeOf(pages.write(replica))).toContain('discovery_aggregator_build_info')
  })

  it('that a client left unread counts neither way', async () => {
    const { pages, scrapes } = pagesOf()
    const page = pages.write(replica)
    await page.next()
    await page.return()
    expect(await scrapes()).toEqual([])
  })

  it('is refused while sixteen others are read, and counted; who reads the same as another takes no more room', async () => {
    const { pages, scrapes } = pagesOf()
    const open = []
    for (let index = 0; index < 16; index++) {
      const page = pages.write({ ...replica, families: ['discovery_aggregator_build_info', `family ${index}`] })
      await page.next()
      open.push(page)
    }
    await expect(pages.write(replica).next()).rejects.toMatchObject({ code: 'too_many_pages' })
    expect(await scrapes()).toEqual(['discovery_aggregator_scrape_failures_total{scope="replica"} 1'])
    await open[0]?.return()
    const [first, second] = [pages.write(replica), pages.write(replica)]
    expect((await Promise.all([first.next(), second.next()])).map(({ done }) => done)).toEqual([false, false])
    await expect(pages.write({ ...replica, format: 'openmetrics' }).next()).rejects.toThrow('16 pages')
  })

  it('asks for the shards of its own scope', async () => {
    const asked: string[] = []
    const { pages } = pagesOf({ shards: scope => { asked.push(scope); return [] } })
    await wholeOf(pages.write({ format: 'text', scope: 'cluster' }))
    expect(asked).toEqual(['cluster'])
  })

  it('is of one moment: a checkpoint that comes while it is made is not in it, and is in the next', async () => {
    const { pages, put } = viewed()
    const state = foldAll(manyClients(3_000))
    await put(state)
    const page = wholeOf(pages.write(replica))
    await turn()
    let taken = false
    const second = put(foldAll(manyClients(3_000), state)).finally(() => { taken = true })
    await turn()
    expect(taken).toBe(false)
    expect(countsOf(await page)).toEqual(new Set(['1']))
    await second
    expect(countsOf(await wholeOf(pages.write(replica)))).toEqual(new Set(['2']))
  })

  it('that fails lets checkpoints through again', async () => {
    const { view, pages, put } = viewed({ standing: () => String(Math.random()) })
    await put(foldAll(manyClients(3)))
    await expect(wholeOf(pages.write(replica))).rejects.toThrow('moved')
    await put(foldAll(manyClients(5)))
    expect(view.visible).toHaveLength(1)
  })
})

/** What a page shows where the standing is, one after the other, as given. */
async function pageOver(...standings: string[]): Promise<{ page: Promise<string>; asked: () => number; scrapes: () => Promise<string[]> }> {
  let asked = 0
  const standing = () => standings.shift() ?? 'end'
  const { pages, scrapes } = pagesOf({ standing, shards: () => { asked++; return [] } })
  const page = wholeOf(pages.write(replica))
  page.catch(() => {})
  return { page, asked: () => asked, scrapes }
}

describe('a page while which this replica loses or gains a partition', () => {
  it('is made anew, and shows what may be shown then', async () => {
    const { page, asked } = await pageOver('lookups-0@5', 'lookups-0@9', 'lookups-0@9', 'lookups-0@9')
    expect(await page).toContain('discovery_aggregator_build_info')
    expect(asked()).toBe(2)
  })

  it('is refused when that happens ten times: none of the ten may be shown', async () => {
    const { page, asked, scrapes } = await pageOver(...Array.from({ length: 20 }, (_, index) => String(index)))
    await expect(page).rejects.toThrow('partitions moved to other replicas again and again')
    expect(asked()).toBe(10)
    expect(await scrapes()).toEqual(['discovery_aggregator_scrape_failures_total{scope="replica"} 1'])
  })

  it('gives nothing away before it is whole: its first chunk comes once the last is made', async () => {
    let stands = 'lookups-0@5'
    const { pages, put } = viewed({ standing: () => stands })
    await put(foldAll(manyClients(3_000)))
    const page = pages.write(replica)
    const first = page.next()
    await turn()
    stands = '' // not ours any more
    let made = false
    void first.finally(() => { made = true })
    await turn()
    expect(made).toBe(false)
    expect((await first).done).toBe(false)
  })
})

describe('pages', () => {
  it('are made one after the other, in the order in which they were asked for', async () => {
    const making: string[] = []
    const hold = () => {
      making.push('begins')
      return () => { making.push('ends') }
    }
    const { pages } = pagesOf({ hold })
    const asked = ['replica', 'cluster', 'another'].map(scope => ({ format: 'text', scope }) as const)
    await Promise.all(asked.map(page => wholeOf(pages.write(page))))
    expect(making).toEqual(['begins', 'ends', 'begins', 'ends', 'begins', 'ends'])
  })
  it('are the same for all who ask before they are begun, and anew for who asks later', async () => {
    let begun = 0
    const { pages } = pagesOf({ shards: () => { begun++; return [] } })
    await Promise.all([replica, replica, { format: 'openmetrics', scope: 'replica' } as const, replica].map(page => wholeOf(pages.write(page))))
    expect(begun).toBe(2)
    await wholeOf(pages.write(replica))
    expect(begun).toBe(3)
  })
})
