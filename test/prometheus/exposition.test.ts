import { setImmediate as nextTurn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { Gauge, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { parseExposition, type Exposition, type Sample } from '../../demo/exposition.ts'
import type { Begun } from '../../src/core/cells.ts'
import { families } from '../../src/core/families.ts'
import { renderPage } from '../../src/prometheus/exposition.ts'
import { createRegistry } from '../../src/prometheus/registry.ts'
import type { VisibleShard } from '../../src/views/shard.ts'
import { lookup, MINUTE, ofEveryFamily, registration, shardOf, T0 } from '../views/shards.ts'
import { familyLines, pageOf, registryOf } from './pages-of.ts'

const pageOfShards = (shards: readonly VisibleShard[], format: 'text' | 'openmetrics' = 'text') =>
  pageOf(createRegistry({ shards: () => shards }), shards, format)

/** The samples that say since when, without their labels; and all the others of the fold. */
const createdIn = (text: string) => text.split('\n').filter(line => line.includes('_created{')).map(line => line.replace(/\{.*\}/, ''))
const othersIn = (text: string) => text.split('\n').filter(line => !line.includes('_created{') && line.startsWith('discovery'))

function refuse(): never {
  throw new Error('no reading')
}

/** But what a process tells of itself, which is never the same. */
const told = (page: Buffer) => page.toString().split('\n').filter(line => !/(process|nodejs)_/.test(line))

describe('the page of a replica', () => {
  it('names the shard of every series of the fold, and no instance', async () => {
    const page = await pageOfShards([shardOf([lookup({ weight: 3 })], { shard: 'lookups-4' })])
    expect(familyLines(page, 'discovery_lookups_total')).toEqual([
      '# HELP discovery_lookups_total Look-ups of a service by outcome; empty: answered, but with no usable instance.',
      '# TYPE discovery_lookups_total counter',
      'discovery_lookups_total{namespace="shop",service="cart",outcome="success",shard="lookups-4",instance=""} 3',
    ])
  })

  it('shows durations in seconds, in buckets that each hold the ones below', async () => {
    const events = [lookup({ cache: 'HIT', durationMicros: 90 }), lookup({ cache: 'HIT', durationMicros: 3_000_000, weight: 2 }),
      lookup({ cache: 'HIT', durationMicros: 30_000_000 })]
    const page = await pageOfShards([shardOf(events)])
    const lines = familyLines(page, 'discovery_lookup_duration_seconds').filter(line => line.includes('cache="hit"'))
    const hit = 'namespace="shop",service="cart",cache="hit",shard="lookups-0",instance=""'
    const bucket = (count: number) => (le: string) => `discovery_lookup_duration_seconds_bucket{${hit},le="${le}"} ${count}`
    const upToOne = ['0.0001', '0.00025', '0.0005', '0.001', '0.0025', '0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1']
    expect(lines).toEqual([
      ...upToOne.map(bucket(1)), ...['2.5', '5', '10'].map(bucket(3)), bucket(4)('+Inf'),
      `discovery_lookup_duration_seconds_sum{${hit}} 33.00009`, `discovery_lookup_duration_seconds_count{${hit}} 4`,
    ])
  })

  it('shows an edge’s time as a summary without quantiles, and an unknown client as a virtual node', async () => {
    const page = await pageOfShards([shardOf([lookup({ client: '', clientNamespace: '', durationMicros: 1_500_000 })])])
    const labels = 'client="unknown",server="cart",client_service_namespace="default",server_service_namespace="shop",'
      + 'connection_type="virtual_node",shard="lookups-0",instance=""'
    expect(familyLines(page, 'discovery_service_graph_request_server_seconds').slice(1)).toEqual([
      '# TYPE discovery_service_graph_request_server_seconds summary',
      `discovery_service_graph_request_server_seconds_sum{${labels}} 1.5`,
      `discovery_service_graph_request_server_seconds_count{${labels}} 1`,
    ])
  })

  it('shows a lease that has run out in an idle partition as run out, in every family alike', async () => {
    const events = [registration({ leaseMillis: 30_000, version: '1' })]
    const page = await pageOfShards([shardOf(events, { shard: 'registrations-0', atEnd: T0 + MINUTE })])
    expect(familyLines(page, 'discovery_lease_expirations_total').at(-1)).toMatch(/ 1$/)
    expect(familyLines(page, 'discovery_instances').at(4)).toMatch(/status="passing".* 0$/)
    expect(familyLines(page, 'discovery_version_instances').filter(line => !line.startsWith('#'))).toEqual([])
  })

  it('has every family of the fold, in one order, whatever the state', async () => {
    const names = families.map(({ name }) => name)
    for (const shards of [[], [shardOf(ofEveryFamily)]]) {
      const { types } = parse(await pageOfShards(shards))
      expect([...types.keys()].slice(0, names.length)).toEqual(names)
    }
  })

  it('ends an OpenMetrics page with its mark and names families the OpenMetrics way', async () => {
    const page = await pageOfShards([shardOf([lookup({ instances: 2 })])], 'openmetrics')
    expect(page.endsWith('\n# EOF\n')).toBe(true)
    expect(familyLines(page, 'discovery_lookups')).toEqual([
      '# TYPE discovery_lookups counter',
      '# HELP discovery_lookups Look-ups of a service by outcome; empty: answered, but with no usable instance.',
      'discovery_lookups_total{namespace="shop",service="cart",outcome="success",shard="lookups-0",instance=""} 1',
    ])
    expect(familyLines(page, 'discovery_event_delay_seconds')).toContain('# UNIT discovery_event_delay_seconds seconds')
    const bounds = familyLines(page, 'discovery_lookup_instances_bucket').map(line => /le="([^"]*)"/.exec(line)?.[1])
    expect(bounds).toEqual(['0.0', '1.0', '2.0', '5.0', '10.0', '20.0', '50.0', '100.0', '+Inf'])
  })

  it('says in OpenMetrics since when each counter and histogram has counted, if that is asked for and known', async () => {
    const shards = [shardOf([lookup({ durationMicros: 5_000 }, T0 + 250), registration({})])]
    const { lookups = [], arrivals = [] } = { lookups: shards[0]?.cells.lookups.values(), arrivals: shards[0]?.cells.arrivals.values() }
    const cells = { ...shards[0]?.cells, lookups: begun(lookups, T0), arrivals: begun(arrivals, 0) }
    const registry = createRegistry({ shards: () => [] })
    const page = async (format: 'text' | 'openmetrics', created: boolean) => Buffer.concat(await renderPage({
      registry, shards: [{ shard: 'lookups-0', time: T0 + 250, cells: cells as unknown as VisibleShard['cells'] }], format, created, turn: async () => {},
    })).toString()
    const [t0, later] = [T0 / 1_000, (T0 + 250) / 1_000]
    expect(createdIn(await page('openmetrics', true))).toEqual([
      ...['registrations', 'registration_duration_seconds', 'lease_expirations', 'deployments'].map(name => `discovery_${name}_created ${later}`),
      `discovery_lookups_created ${t0}`, `discovery_lookup_duration_seconds_created ${t0}`, `discovery_lookup_duration_seconds_created ${t0}`,
      `discovery_lookup_instances_created ${t0}`, `discovery_service_graph_request_created ${later}`,
      `discovery_service_graph_request_failed_created ${later}`, `discovery_service_graph_request_server_seconds_created ${later}`,
    ])
    expect(othersIn(await page('openmetrics', true))).toEqual(othersIn(await page('openmetrics', false)))
    expect([createdIn(await page('openmetrics', false)), createdIn(await page('text', true))]).toEqual([[], []])
  })

  it('fails as a whole if a shard is given twice', async () => {
    const shards = [shardOf([lookup({})]), shardOf([lookup({})])]
    await expect(pageOfShards(shards)).rejects.toThrow('shard lookups-0 is given twice')
  })

  it('fails where a metric fails', async () => {
    const registry = new Registry()
    registry.registerMetric(new Gauge({ name: 'broken', help: 'Cannot be read.', registers: [registry], collect: refuse }))
    await expect(pageOf(registry, [])).rejects.toThrow('no reading')
  })

  it('comes in chunks of up to 64 KiB, and lets the event loop turn while it is rendered', async () => {
    const shard = shardOf(Array.from({ length: 6_000 }, (_, index) => lookup({ client: `client-${index}` })))
    const registry = createRegistry({ shards: () => [shard] })
    let turns = 0
    const turn = (): void => { turns++; turning = setImmediate(turn) }
    let turning = setImmediate(turn)
    const chunks = await renderPage({ registry, shards: [shard], format: 'text', turn: async () => { await nextTurn() } })
    clearImmediate(turning)
    expect(chunks.length).toBeGreaterThan(10)
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(65_536)
    expect(turns).toBeGreaterThan(60)
  })

  it.each(['text', 'openmetrics'] as const)('is the same text when it is compressed, in one gzip member (%s)', async format => {
    const shard = shardOf(Array.from({ length: 3_000 }, (_, index) => lookup({ client: `client-${index}`, durationMicros: index })))
    const source = { registry: createRegistry({ shards: () => [shard] }), shards: [shard], format, created: true, turn: async () => {} }
    const [plain, compressed] = [Buffer.concat(await renderPage(source)), Buffer.concat(await renderPage({ ...source, encoding: 'gzip' }))]
    expect(told(gunzipSync(compressed))).toEqual(told(plain))
    expect(compressed.length).toBeLessThan(plain.length / 10)
  })

  it('is the same however its lines fall into chunks, whatever characters its labels hold', async () => {
    const clients = ['é'.repeat(60), '世界', '😀', 'a"b', 'c\\d', 'e\nf', '\u0000', '\u007f', '\ud800']
    const shard = shardOf(Array.from({ length: 3_000 }, (_, index) => lookup({ client: `${clients[index % clients.length]}${index}` })))
    const registry = createRegistry({ shards: () => [shard] })
    const page = await pageOf(registry, [shard])
    expect(valuesOf(page)).toEqual(valuesOf(Buffer.from(await registry.metrics()).toString()))
  })
})

describe('the page and prom-client’s own rendering', () => {
  it('agree sample for sample on every family and every own metric', async () => {
    const shards = [shardOf(ofEveryFamily, { shard: 'lookups-0' }), shardOf(ofEveryFamily, { shard: 'lookups-1', atEnd: T0 + MINUTE })]
    const registry = registryOf(shards)
    const page = await pageOf(registry, shards)
    const rendered = await registry.metrics()
    expect(Object.keys(valuesOf(page)).length).toBeGreaterThan(300)
    expect(valuesOf(page)).toEqual(valuesOf(rendered))
    expect(parse(page).types).toEqual(parse(rendered).types)
  })

  it('agree on names of any characters, and OpenMetrics says the same numbers', async () => {
    const marked = fc.constantFrom('"', '\\', '\n', '\r', '\0', '{', ',', '=', ' ', 'n', '\u2028', 'ü', '😀')
    const ofLength = { minLength: 1, maxLength: 6 }
    const name = fc.oneof(fc.string({ unit: marked, ...ofLength }), fc.string({ unit: 'binary', ...ofLength }))
    const fields = { namespace: name, service: name, client: name, errorCode: name, weight: fc.integer({ min: 1, max: 9 }) }
    const events = fc.array(fc.record(fields), { maxLength: 4 })
    let shards: VisibleShard[] = []
    const registry = createRegistry({ shards: () => shards })
    for (const { name: metric } of registry.getMetricsAsArray()) if (isOfNode(metric)) registry.removeSingleMetric(metric)
    await fc.assert(fc.asyncProperty(events, async recorded => {
      shards = [shardOf(recorded.map(sent => lookup({ ...sent, outcome: 'FAILURE', durationMicros: 5_000 * sent.weight })))]
      const page = valuesOf(await pageOf(registry, shards))
      expect(page).toEqual(valuesOf(await registry.metrics()))
      const inOpenMetrics = valuesOf(await pageOf(registry, shards, 'openmetrics'))
      expect(Object.values(inOpenMetrics)).toEqual(Object.values(page))
    }), { numRuns: 30 })
  })
})

/** Value by series. What Node says of the process is left out: it differs from one moment to the next. */
function valuesOf(text: string): Record<string, number> {
  const samples = parse(text).samples.filter(({ name }) => !isOfNode(name))
  const values = Object.fromEntries(samples.map(sample => [seriesOf(sample), sample.value]))
  expect(Object.keys(values).length, 'no series is written twice').toBe(samples.length)
  return values
}

function isOfNode(name: string): boolean {
  return /^(process|nodejs)_/.test(name)
}

function seriesOf({ name, labels }: Sample): string {
  return JSON.stringify([name, Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))])
}

/** prom-client 15.1.3 spells NaN in a way of its own. */
function parse(text: string): Exposition {
  return parseExposition(text.replaceAll(/ Nan$/gm, ' NaN'))
}

function begun<C extends Begun & { key: string }>(held: Iterable<C>, createdAt: number): Map<string, C> {
  return new Map(Array.from(held, cell => [cell.key, { ...cell, createdAt }]))
}
