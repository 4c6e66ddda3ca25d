import { describe, expect, it } from 'vitest'
import { PageReader } from './page.ts'
import { Watcher, type Answer } from './watcher.ts'

const series = (service: string, shard: string): string =>
  `discovery_lookups_total{namespace="shop",service="${service}",outcome="success",shard="${shard}",instance=""}`
const reader = new PageReader()
const pageOf = (lookups: Record<string, number>, rebalances = 1): Answer['page'] => reader.read([
  '# TYPE discovery_lookups_total counter',
  ...Object.entries(lookups).map(([shard, value]) => `${series('cart', shard)} ${value}`),
  `discovery_aggregator_rebalances_total ${rebalances}`, '',
].join('\n'))

/** A watcher that is told answers, each by its own question. */
function watching(limit = Infinity) {
  const watcher = new Watcher({ limit: () => limit })
  const take = (replica: string, [asked, answered]: readonly [number, number], page: Answer['page']): string[] =>
    watcher.take(watcher.ask(asked), { replica, asked, answered, page }).map(({ kind, text }) => `${kind}: ${text}`)
  return { watcher, take }
}

describe('a page', () => {
  it('is read for series that never go down, its shards and its count of rebalances', () => {
    const page = reader.read([
      '# HELP discovery_instances Live instances',
      'discovery_instances{namespace="shop",service="cart",status="passing",shard="registrations-0",instance=""} 3',
      'discovery_lookup_duration_seconds_bucket{namespace="a \\"b\\" c",service="d",cache="hit",shard="lookups-1",instance="",le="0.1"} 12',
      'discovery_aggregator_rebalances_total 7',
      'process_cpu_seconds_total 3.5',
      '',
    ].join('\n'))
    const bucket = 'discovery_lookup_duration_seconds_bucket'
      + '{namespace="a \\"b\\" c",service="d",cache="hit",shard="lookups-1",instance="",le="0.1"}'
    expect(page).toEqual({ values: new Map([[bucket, 12]]), shards: new Set(['registrations-0', 'lookups-1']), rebalances: 7 })
  })
})

describe('steps back', () => {
  it('are found where a later answer of another replica is lower', () => {
    const { take } = watching()
    expect(take('a', [0, 10], pageOf({ 'lookups-0': 100 }))).toEqual([])
    expect(take('b', [10, 20], pageOf({ 'lookups-0': 99 }))).toEqual([`step-back: b shows ${series('cart', 'lookups-0')} 99 after 100`])
  })

  it('are found although the series was on no page for a while', () => {
    const { take } = watching()
    take('a', [0, 10], pageOf({ 'lookups-0': 100 }))
    for (let at = 20; at < 200; at += 10) take('a', [at, at + 5], pageOf({}))
    expect(take('b', [200, 210], pageOf({ 'lookups-0': 1 }))).toHaveLength(1)
  })

  it('are none where the answers overlap, since nobody knows which page was made first', () => {
    const { watcher, take } = watching()
    const overlapping = watcher.ask(9)
    expect(take('a', [0, 10], pageOf({ 'lookups-0': 100 }))).toEqual([])
    expect(watcher.take(overlapping, { replica: 'b', asked: 9, answered: 20, page: pageOf({ 'lookups-0': 99 }) })).toEqual([])
  })

  it('are held against what had arrived before the question, however late its answer is', () => {
    const { watcher, take } = watching()
    take('a', [0, 10], pageOf({ 'lookups-0': 100 }))
    const late = watcher.ask(20)
    take('a', [30, 40], pageOf({ 'lookups-0': 200 }))
    const answer = { replica: 'b', asked: 20, answered: 50, page: pageOf({ 'lookups-0': 150 }) }
    expect(watcher.take(late, answer)).toEqual([])
    const lower = watcher.ask(45)
    expect(watcher.take(lower, { ...answer, asked: 45, answered: 60 })).toMatchObject([{ kind: 'step-back' }])
  })

  it('are none where a value stays or rises', () => {
    const { take } = watching()
    take('a', [0, 10], pageOf({ 'lookups-0': 100, 'lookups-1': 5 }))
    expect(take('b', [10, 20], pageOf({ 'lookups-0': 100, 'lookups-1': 6 }))).toEqual([])
  })
})

describe('a shard that is shown twice', () => {
  it('is found where another replica shows it while the first was given no partitions anew', () => {
    const { take } = watching()
    take('a', [0, 10], pageOf({ 'lookups-0': 1 }, 5))
    expect(take('b', [20, 30], pageOf({ 'lookups-0': 1 }, 2))).toEqual([])
    expect(take('a', [40, 50], pageOf({ 'lookups-0': 1 }, 5))).toEqual(['twice: b shows lookups-0 while a holds it'])
    expect(take('a', [60, 70], pageOf({ 'lookups-0': 1 }, 5))).toEqual([])
  })

  it('is none where the first lost it and was given it again', () => {
    const { take } = watching()
    take('a', [0, 10], pageOf({ 'lookups-0': 1 }, 5))
    take('b', [20, 30], pageOf({ 'lookups-0': 1 }, 2))
    expect(take('a', [40, 50], pageOf({ 'lookups-0': 1 }, 6))).toEqual([])
  })

  it('is none where the answers overlap, or the other replica is a new process', () => {
    const { take } = watching()
    take('a', [0, 10], pageOf({ 'lookups-0': 1 }, 5))
    take('b', [20, 45], pageOf({ 'lookups-0': 1 }, 2))
    expect(take('a', [40, 50], pageOf({ 'lookups-0': 1 }, 5))).toEqual([])
    expect(take('a again', [60, 70], pageOf({ 'lookups-0': 1 }, 5))).toEqual([])
  })

  it('is found where the first does not say whether it was given partitions', () => {
    const { take } = watching()
    const silent = { ...pageOf({ 'lookups-0': 1 }), rebalances: undefined }
    take('a', [0, 10], silent)
    take('b', [20, 30], silent)
    expect(take('a', [40, 50], silent)).toHaveLength(1)
  })
})

describe('a sum beyond what was sent', () => {
  it('is found over the shards of all replicas, whenever each was seen', () => {
    const { take } = watching(150)
    expect(take('a', [0, 10], pageOf({ 'lookups-0': 100 }))).toEqual([])
    expect(take('b', [20, 30], pageOf({ 'lookups-1': 51 }))).toEqual([
      'beyond: discovery_lookups_total adds up to 151, and only 150 had been sent',
    ])
  })

  it('is none where a shard has changed hands: it counts once', () => {
    const { watcher, take } = watching(150)
    take('a', [0, 10], pageOf({ 'lookups-0': 100 }))
    expect(take('b', [5, 12], pageOf({ 'lookups-0': 101 }))).toEqual([])
    expect(watcher.sum('discovery_lookups_total')).toBe(101)
  })
})
