import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { constants, createGzip } from 'node:zlib'
import { edit, emptyState, type ShardState } from '../src/core/state.ts'
import { observe, durationBounds, instanceBounds } from '../src/core/histogram.ts'
import { renderPage } from '../src/prometheus/exposition.ts'
import { foldFamilies } from '../src/prometheus/fold-family.ts'
import { createRegistry } from '../src/prometheus/registry.ts'
import { Turns } from '../src/turns.ts'
import type { VisibleShard } from '../src/views/shard.ts'
import { Written } from '../test/checkpoint/written.ts'
import { seriesOn } from './page.ts'
import { rounded, spread, type Spread } from './pairs.ts'
import { load } from './site.ts'
import type { Sizes } from './sizes.ts'

/** As counted on a page: of a service that is looked up, and of an edge. Half of the series are of the ones and half of the others. */
const SERIES_OF_SERVICE = 53
const SERIES_OF_EDGE = 4
const CELLS_AT_ONCE = 2_000
/** prom-client would take seconds for a million. */
const REFERENCE_SERIES = 100_000
const ROUNDS = 7
const MILLION = 1_000_000
const NANOSECONDS = 1e6
const SETTLE_MS = 30

/**
 * Pages of cells that a view holds as bytes, no Kafka: seconds of CPU for a million series, read and written; the same for gzip as scrapers get
 * it; a page of one family; and prom-client's `registry.metrics()` over a tenth of the cells. Taken in turn, after one round that does not count.
 */
export async function expositionBenchmark({ series }: Pick<Sizes, 'series'>): Promise<object> {
  setFlagsFromString('--no-allocation-site-pretenuring') // as `serve` does
  const [large, small] = [viewOf(series), viewOf(Math.min(series, REFERENCE_SERIES))]
  const rounds: Round[] = []
  for (let round = 0; round <= ROUNDS; round++) rounds.push(await roundOf(large, small))
  const counted = rounds.slice(1)
  const of = (name: keyof Round): Spread => spread(counted.map(each => each[name]))
  return {
    series: counted[0]?.series, pageMebibytes: counted[0]?.mebibytes, textCpuSeconds: of('text'), openMetricsCpuSeconds: of('openMetrics'),
    gzipCpuSeconds: of('gzip'), oneFamilyCpuMillis: of('oneFamilyMillis'), promClientCpuSeconds: of('promClient'), longestBlockMillis: of('longestBlockMillis'),
    ratio: spread(counted.map(({ text, promClient }) => promClient / text)), load: load(),
  }
}

interface Round {
  series: number
  mebibytes: number
  text: number
  openMetrics: number
  gzip: number
  oneFamilyMillis: number
  promClient: number
  longestBlockMillis: number
}

async function roundOf(large: VisibleShard[], small: VisibleShard[]): Promise<Round> {
  const delays = monitorEventLoopDelay({ resolution: 2 })
  delays.enable()
  const text = await costOf(() => pageOf(large, 'text'))
  await delay(SETTLE_MS) // so that the last delay is counted
  delays.disable()
  const bytes = Buffer.concat(text.result)
  const series = seriesOn({ bytes })
  const openMetrics = await costOf(() => pageOf(large, 'openmetrics'))
  const gzip = await costOf(() => pipeline(Readable.from(text.result), createGzip({ level: constants.Z_BEST_SPEED }), ignoring()))
  const oneFamily = await costOf(() => pageOf(large, 'text', ['discovery_lookups_total']))
  const registry = foldRegistry(small)
  const promClient = await costOf(() => registry.metrics())
  const perMillion = (seconds: number, of = series) => rounded(seconds * MILLION / of)
  return {
    series, mebibytes: Math.round(bytes.length / 2 ** 20), text: perMillion(text.seconds), openMetrics: perMillion(openMetrics.seconds),
    gzip: perMillion(gzip.seconds), oneFamilyMillis: rounded(oneFamily.seconds * 1_000),
    promClient: perMillion(promClient.seconds, seriesOn({ bytes: Buffer.from(promClient.result) })), longestBlockMillis: rounded(delays.max / NANOSECONDS),
  }
}

const turns = new Turns()

function pageOf(shards: VisibleShard[], format: 'text' | 'openmetrics', families: readonly string[] | null = null): Promise<Buffer[]> {
  return renderPage({ registry: foldRegistry(shards), shards, format, filter: { families, namespaces: null }, turn: () => turns.next() })
}

/** Without what Node says of the process. */
function foldRegistry(shards: VisibleShard[]): ReturnType<typeof createRegistry> {
  const registry = createRegistry({ shards: () => shards })
  const names = new Set(foldFamilies.map(({ name }) => name))
  for (const { name } of registry.getMetricsAsArray()) if (!names.has(name)) registry.removeSingleMetric(name)
  return registry
}

async function costOf<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const before = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return { result, seconds: (user + system) / 1e6 }
}

function ignoring(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => { done() } })
}

/** As many cells as come to so many series, as a view holds them. */
function viewOf(series: number): VisibleShard[] {
  const written = new Written()
  const epoch = written.claim()
  const state = emptyState(0)
  state.next = 1
  const services = Math.ceil(series / 2 / SERIES_OF_SERVICE)
  const edges = Math.ceil(series / 2 / SERIES_OF_EDGE)
  for (let index = 0; index < services; index++) addService(state, index)
  for (let index = 0; index < edges; index++) {
    addEdge(state, index, services)
    if (index % CELLS_AT_ONCE === 0) written.append(...written.checkpoint(state, epoch))
  }
  written.append(...written.checkpoint(state, epoch))
  return written.view.visible
}

function addService(state: ShardState, index: number): void {
  const cell = edit(state, 'lookups', 'shop-prod', `service-${index}`)
  cell.outcomes = cell.outcomes.map((_, outcome) => (index + outcome) * 31)
  cell.cacheResults = cell.cacheResults.map((_, result) => index * 7 + result)
  for (let count = 0; count < 9; count++) {
    observe(cell.hitDuration, durationBounds, { sum: 80 * 4 ** count + index, weight: 1 + index * count })
    observe(cell.otherDuration, durationBounds, { sum: 240 * 4 ** count + index, weight: 1 + index })
    observe(cell.instances, instanceBounds, { sum: count, weight: 1 })
  }
}

function addEdge(state: ShardState, index: number, services: number): void {
  const cell = edit(state, 'edge', 'shop-prod', `client-of-${index % services}-${index}`, 'shop-prod', `service-${index % services}`)
  cell.firstSeen = 1_700_000_000_000
  cell.totals.lookups = index * 17
  cell.totals.failures = index % 100
  for (let count = 0; count < 3; count++) observe(cell.totals.duration, durationBounds, { sum: 1_234_567 * count + index, weight: index })
}
