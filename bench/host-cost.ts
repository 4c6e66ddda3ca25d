import { createServer } from 'node:net'
import type { AddressInfo, LookupFunction } from 'node:net'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Kafka, logLevel } from 'kafkajs'
import { createDiscoveryAgent, type DiscoveryAgent } from '../src/sdk.ts'
import { rounded, spread, type Spread } from './pairs.ts'
import { load } from './site.ts'
import type { Sizes } from './sizes.ts'

/** Look-ups timed one by one, in each of the rounds. */
const CALLS = 200_000
const WARM_UP = 50_000
const RATE = 100_000
const SECONDS = 10
const TURN_MS = 10
const NAMES = { hot: 50, many: 50_000 } as const

/**
 * What an agent costs its host, with Kafka away from the start, which is when it costs most: the time of a call that a cache answers at once, against
 * the same call unwrapped, one after the other in the same run; and the memory that 100,000 look-ups a second leave.
 */
export async function hostCostBenchmark({ rounds }: Sizes): Promise<object> {
  const rejections: unknown[] = []
  const count = (cause: unknown): number => rejections.push(cause)
  process.on('unhandledRejection', count)
  const port = await closedPort()
  const cases: object[] = []
  for (const [name, services] of Object.entries(NAMES)) {
    cases.push({ services: name, ...(await costOf(port, { services, rounds })), ...(await memoryOf(port, services)) })
  }
  process.off('unhandledRejection', count)
  return { cases, unhandledRejections: rejections.length, load: load() }
}

async function costOf(port: number, { services, rounds }: { services: number; rounds: number }): Promise<object> {
  const agent = agentFor(port)
  const wrapped = agent.instrumentLookup(cached)
  const pairs: [wrapped: number[], plain: number[]][] = []
  for (let round = 0; round <= rounds; round++) {
    pairs.push([timed(wrapped, services), timed(cached, services)])
    await delay(TURN_MS)
  }
  await agent.close(0)
  const of = (pick: (pair: [number[], number[]]) => number): Spread => spread(pairs.slice(1).map(pick))
  return {
    p50Nanos: of(([with_, plain]) => at(with_, 0.5) - at(plain, 0.5)), p99Nanos: of(([with_, plain]) => at(with_, 0.99) - at(plain, 0.99)),
    plainP99Nanos: of(([, plain]) => at(plain, 0.99)), ratioP99: of(([with_, plain]) => at(with_, 0.99) / at(plain, 0.99)),
  }
}

async function memoryOf(port: number, services: number): Promise<object> {
  const agent = agentFor(port)
  const wrapped = agent.instrumentLookup(cached)
  const before = heapBytes()
  let made = 0
  let most = 0
  const start = performance.now()
  while (made < RATE * SECONDS) {
    const due = Math.min(RATE * SECONDS, Math.floor((performance.now() - start) / 1_000 * RATE))
    for (; made < due; made++) ask(wrapped, made % services)
    most = Math.max(most, process.memoryUsage.rss())
    await delay(TURN_MS)
  }
  const seconds = rounded((performance.now() - start) / 1_000)
  const { recorded, droppedQueueFull } = agent.report()
  const heldMebibytes = rounded((heapBytes() - before) / 2 ** 20)
  await agent.close(0)
  return { made, seconds, recorded, droppedQueueFull, heldMebibytes, peakMebibytes: rounded(most / 2 ** 20) }
}

/** A cache of addresses, which answers within the call. */
const cached = ((_hostname, _options, callback) => callback(null, '10.0.0.1', 4)) as LookupFunction
const options = { family: 4 }
const nothing = (): void => undefined
const names = Array.from({ length: NAMES.many }, (_, index) => `service-${index}.shop.example`)

function ask(lookup: LookupFunction, index: number): void {
  lookup(names[index] ?? '', options, nothing)
}

/** Nanoseconds of each call, in order of size. */
function timed(lookup: LookupFunction, services: number): number[] {
  for (let call = 0; call < WARM_UP; call++) ask(lookup, call % services)
  const nanos = new Float64Array(CALLS)
  for (let call = 0; call < CALLS; call++) {
    const start = process.hrtime.bigint()
    ask(lookup, call % services)
    nanos[call] = Number(process.hrtime.bigint() - start)
  }
  return Array.from(nanos.toSorted())
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
}

function agentFor(port: number): DiscoveryAgent {
  const kafka = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  return createDiscoveryAgent({ kafka, service: 'host', namespace: 'shop' })
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}
