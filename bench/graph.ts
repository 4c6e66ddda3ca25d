import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { createRandom } from '../demo/random.ts'
import { defaultPolicy } from '../src/core/policy.ts'
import { createApp } from '../src/http/app.ts'
import { listen, type WebServer } from '../src/http/listen.ts'
import { LiveMap } from '../src/http/map/live-map.ts'
import { Turns } from '../src/turns.ts'
import { GraphCluster, nameOf } from './graph-cluster.ts'
import { rounded } from './pairs.ts'
import { load } from './site.ts'
import type { Sizes } from './sizes.ts'

const SERVICES = 20_000
const EDGES = 300_000
const INSTANCES = 100_000
const CHANGES_PER_TICK = 500
const TICK_MS = 100
const NEIGHBOURHOODS = 400
const WHOLES = 20
const COLLECTIONS = 5

interface Asked {
  p50Millis: number
  p99Millis: number
  mostBytes: number
  /** The longest time for which the event loop did not turn. */
  blockMillis: number
}

/** Answers of the map's API, whole and over HTTP, one replica with everything in it and look-ups going on; the client is another thread. */
export async function graphBenchmark({ shrink }: Sizes): Promise<object> {
  setFlagsFromString('--no-allocation-site-pretenuring') // as the replica itself does
  const size = { services: Math.ceil(SERVICES / shrink), edges: Math.ceil(EDGES / shrink), instances: Math.ceil(INSTANCES / shrink) }
  const turns = new Turns()
  const cluster = new GraphCluster(size, () => turns.next())
  const before = await memory()
  const map = new LiveMap({ shards: () => cluster.view.numbered, now: Date.now, turn: () => turns.next() })
  const began = performance.now()
  await map.read()
  const firstMillis = rounded(performance.now() - began)
  const held = global.gc === undefined ? {} : { bytesPerEdge: rounded((await memory() - before) / size.edges) }
  const server = await serve(map)
  const stop = goOn(cluster)
  const url = `http://127.0.0.1:${server.port}`
  const answers: Record<string, Asked> = {}
  for (const [name, paths] of Object.entries(questions(size.services))) answers[name] = await ask(url, paths)
  await stop()
  await server.close(0)
  return { ...size, firstMillis, ...held, ...answers, load: load() }
}

function often(path: string): string[] {
  return Array.from({ length: WHOLES }, () => path)
}

function questions(services: number): Record<string, string[]> {
  const random = createRandom(3)
  const neighbourhoods = Array.from({ length: NEIGHBOURHOODS }, () => {
    const { namespace, service } = nameOf(random.below(services))
    return `namespace=${namespace}&service=${service}`
  })
  return {
    neighbourhood: neighbourhoods.map(name => `/api/v1/graph?${name}&limit=200`),
    neighbourhoodOfTwo: neighbourhoods.map(name => `/api/v1/graph?${name}&depth=2&direction=dependencies&limit=200`),
    hub: often(`/api/v1/graph?namespace=${nameOf(0).namespace}&service=${nameOf(0).service}&limit=200`),
    cycles: often('/api/v1/graph/cycles'), summary: often('/api/v1/graph/namespaces'), findings: often('/api/v1/findings?limit=100'),
    changes: often('/api/v1/graph/changes?since=5m&limit=100'),
    blastRadius: often(`/api/v1/services/${nameOf(services - 1).namespace}/${nameOf(services - 1).service}/dependencies?transitive=true`).slice(0, 3),
    whole: ['/api/v1/graph'],
  }
}

async function ask(url: string, paths: readonly string[]): Promise<Asked> {
  await answersTo(url, paths.slice(0, 2)) // warms up
  const blocks = monitorEventLoopDelay({ resolution: 1 })
  blocks.enable()
  const { millis, bytes } = await answersTo(url, paths)
  blocks.disable()
  const sorted = millis.toSorted((a, b) => a - b)
  const at = (share: number) => rounded(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN)
  return { p50Millis: at(0.5), p99Millis: at(0.99), mostBytes: bytes, blockMillis: rounded(blocks.max / 1e6) }
}

async function answersTo(url: string, paths: readonly string[]): Promise<{ millis: number[]; bytes: number }> {
  const worker = new Worker(new URL('graph-client.ts', import.meta.url), { workerData: { url, paths } })
  const [answer] = await once(worker, 'message') as [{ millis: number[]; bytes: number }]
  await worker.terminate()
  return answer
}

function serve(map: LiveMap): Promise<WebServer> {
  const app = createApp({
    map, metrics: { contentType: () => 'text/plain', families: () => [], document: () => '', async *write() { yield '' } }, health: () => ({ healthy: true }),
    cardinality: { shards: () => [], budgets: defaultPolicy.budgets }, readiness: () => ({ ready: true, reasons: [] }), version: 'bench', onError: error => { throw error },
  })
  return listen(app, { host: '127.0.0.1', port: 0 })
}

/** Look-ups go on until it is told to stop. */
function goOn(cluster: GraphCluster): () => Promise<void> {
  const stopped = new AbortController()
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await cluster.goOn(CHANGES_PER_TICK)
      await delay(TICK_MS)
    }
  })()
  return () => {
    stopped.abort()
    return running
  }
}

/** Held for good: told only if the process may collect garbage (`--expose-gc`), which makes all that follows slower for a while. */
async function memory(): Promise<number> {
  if (global.gc === undefined) return 0
  for (let round = 0; round < COLLECTIONS; round++) {
    global.gc()
    await delay(TICK_MS)
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
