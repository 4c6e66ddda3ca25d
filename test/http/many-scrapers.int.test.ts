import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defaultPolicy } from '../../src/core/policy.ts'
import { createApp } from '../../src/http/app.ts'
import { listen, type WebServer } from '../../src/http/listen.ts'
import { createOwnMetrics } from '../../src/prometheus/own-metrics.ts'
import { createPages } from '../../src/prometheus/pages.ts'
import { createRegistry } from '../../src/prometheus/registry.ts'
import { liveMapOf } from '../views/map-of.ts'
import { lookup, shardOf } from '../views/shards.ts'

const SCRAPERS = 1_000
const EDGES = 3_000
const MEGABYTE = 1_048_576

interface Served extends WebServer {
  /** Pages that were rendered so far. */
  rendered: () => number
}

/** A replica's metrics of some megabytes, on loopback. */
async function serve(): Promise<Served> {
  const shards = [shardOf(Array.from({ length: EDGES }, (_, index) => lookup({ client: `client-${index}` })))]
  const registry = createRegistry({ shards: () => shards })
  const telemetry = createOwnMetrics(registry, { version: '1.2.3' })
  let rendered = 0
  const pages = createPages({
    registry, telemetry, shards: () => shards, standing: () => '', turn: async () => { await turn() }, hold: () => { rendered++; return () => {} },
  })
  const server = await listen(createApp({
    metrics: pages, map: liveMapOf([], 0), health: () => ({ healthy: true }), readiness: () => ({ ready: true, reasons: [] }), version: '1.2.3',
    cardinality: { shards: () => [], budgets: defaultPolicy.budgets }, onError: error => { throw error },
  }), { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close(0))
  return { ...server, rendered: () => rendered }
}

/** Asks for the page, and reads nothing yet. */
async function asking(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {}).pause()
  onTestFinished(() => { socket.destroy() })
  await once(socket, 'connect')
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n')
  return socket
}

async function lengthOf(socket: Socket): Promise<number> {
  let length = 0
  for await (const chunk of socket as AsyncIterable<Buffer>) length += chunk.length
  return length
}

const askedBy = (port: number, count: number): Promise<Socket[]> => Promise.all(Array.from({ length: count }, () => asking(port)))

describe('a thousand scrapers at once', () => {
  it('have few renderings between them, each the whole page, and memory for few', async () => {
    const { port, rendered } = await serve()
    const page = await lengthOf(await asking(port))
    expect(page).toBeGreaterThan(MEGABYTE)
    const before = [rendered(), process.memoryUsage().rss] as const
    const sockets = await askedBy(port, SCRAPERS)
    const lengths = await Promise.all(sockets.map(lengthOf))
    const grown = process.memoryUsage().rss - before[1]
    console.info(`${SCRAPERS} scrapers of ${Math.round(page / MEGABYTE)} MiB: ${rendered() - before[0]} renderings, ${Math.round(grown / MEGABYTE)} MiB more`)
    expect(lengths.filter(length => Math.abs(length - page) > page / 100)).toEqual([])
    expect(rendered() - before[0]).toBeLessThan(SCRAPERS / 10)
    expect(grown).toBeLessThan(SCRAPERS * page / 4)
  }, 60_000)

  it('that read nothing cost no more, and others are answered', async () => {
    const { port, url, rendered } = await serve()
    const page = await lengthOf(await asking(port))
    const before = process.memoryUsage().rss
    const sockets = await askedBy(port, SCRAPERS)
    await Promise.all(sockets.map(socket => once(socket, 'readable')))
    const grown = process.memoryUsage().rss - before
    console.info(`${SCRAPERS} scrapers that read nothing: ${rendered()} renderings, ${Math.round(grown / MEGABYTE)} MiB more`)
    expect(grown).toBeLessThan(SCRAPERS * page / 4)
    expect((await fetch(`${url}/-/healthy`)).status).toBe(200)
    expect((await fetch(`${url}/metrics`)).status).toBe(200)
  }, 60_000)
})
