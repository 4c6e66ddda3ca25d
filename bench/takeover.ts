import { setTimeout as delay } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { createEncoder } from '../src/contract/codec.ts'
import { eventDefaults, messageKey } from '../src/contract/events.ts'
import { kafkaOptions } from '../src/kafka/options.ts'
import { Replica, stopReplicas, whenReady } from '../test/support/replicas.ts'
import { until } from '../test/support/until.ts'
import { freePort } from '../broker/ports.ts'
import { ratios, spread } from './pairs.ts'
import { load, withSite, PARTITIONS, type Site } from './site.ts'
import type { Sizes } from './sizes.ts'

const SERVICES = 60
const EDGES = 5
const TURN_MS = 100
const LOOK_EVERY_MS = 50
const SHOWN_MS = 60_000
const SECOND_MS = 1_000

const sessionSeconds = kafkaOptions['kafka.session-timeout'].parse(kafkaOptions['kafka.session-timeout'].fallback) / SECOND_MS

/**
 * Two replicas with the service's default settings under steady traffic: from when one gets a signal until the other shows all shards, of
 * every input. The reference is the session timeout, before which nobody can know of a `kill -9`.
 */
export function takeoverBenchmark({ rounds }: Sizes): Promise<object> {
  return withSite(async site => {
    await site.create(site.topics)
    const traffic = new AbortController()
    const sending = sendUntil(site, traffic.signal)
    const seconds = { SIGKILL: [] as number[], SIGTERM: [] as number[] }
    const replicas = [await start(site), await start(site)]
    try {
      for (let round = 0; round < rounds; round++) {
        for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
          seconds[signal].push(await takeover(replicas, signal))
          console.error(`${signal}: ${seconds[signal].at(-1)?.toFixed(2)} s, load ${load()}`)
          replicas.push(await start(site))
        }
      }
    } finally {
      traffic.abort()
      await sending
      await stopReplicas(replicas)
    }
    return {
      sessionTimeoutSeconds: sessionSeconds, killSeconds: spread(seconds.SIGKILL), termSeconds: spread(seconds.SIGTERM),
      killRatio: ratios(seconds.SIGKILL.map(each => [each, sessionSeconds])),
      termRatio: ratios(seconds.SIGTERM.map(each => [each, sessionSeconds])), load: load(),
    }
  })
}

/** Ends the first replica, and takes it out; the seconds until the other shows what both did. */
async function takeover(replicas: Replica[], signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
  await whenReady(replicas)
  await until(async () => isAll(await shownBy(replicas)) && (await Promise.all(replicas.map(each => shownBy([each])))).every(({ size }) => size > 0), {
    timeoutMs: SHOWN_MS, intervalMs: LOOK_EVERY_MS, message: 'each replica shows some shards, and both together all',
  })
  const [leaving, staying] = replicas
  if (leaving === undefined || staying === undefined) throw new Error('it takes two replicas')
  const began = performance.now()
  leaving.process.signal(signal)
  await until(async () => isAll(await shownBy([staying])), { timeoutMs: SHOWN_MS, intervalMs: LOOK_EVERY_MS, message: 'the other shows all shards' })
  const seconds = (performance.now() - began) / SECOND_MS
  await leaving.process.end
  replicas.shift()
  return seconds
}

function isAll(shards: ReadonlySet<string>): boolean {
  return shards.size === 3 * PARTITIONS
}

async function shownBy(replicas: readonly Replica[]): Promise<Set<string>> {
  const pages = await Promise.all(replicas.map(replica => replica.scrape()))
  return new Set(pages.flat().flatMap(({ labels }) => labels['shard'] ?? []))
}

async function start({ brokers, topicPrefix }: Site): Promise<Replica> {
  return new Replica(await freePort(), { brokers, topicPrefix })
}

/** Some hundred events a second for all partitions of all inputs. */
async function sendUntil({ kafka, topics }: { kafka: Kafka; topics: Site['topics'] }, signal: AbortSignal): Promise<void> {
  const [lookup, registration, agent] = [createEncoder('lookup'), createEncoder('registration'), createEncoder('agent')]
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  for (let turn = 0; !signal.aborted; turn++) {
    const service = { namespace: 'shop-prod', service: `service-${turn % SERVICES}` }
    const common = { source: 'consul/dc1', occurredAt: Date.now(), sequence: turn + 1 }
    const key = messageKey(service)
    const lookups = Array.from({ length: EDGES }, (_, edge) => lookup({
      ...eventDefaults.lookup, ...common, sequence: turn * EDGES + edge + 1, agentId: 'bench/1', ...service, clientNamespace: 'shop-prod',
      client: `client-${edge}`, outcome: 'SUCCESS', cache: 'MISS', durationMicros: 1_000, instances: 3,
    }))
    const registered = registration({ ...eventDefaults.registration, ...common, agentId: 'bench/1', ...service, operation: 'RENEW', outcome: 'SUCCESS', instance: `i-${turn % SERVICES}`, status: 'PASSING' })
    const agentId = `bench/agent-${turn % SERVICES}`
    await producer.sendBatch({
      acks: -1,
      topicMessages: [
        { topic: topics.lookups, messages: lookups.map(value => ({ key, value })) },
        { topic: topics.registrations, messages: [{ key, value: registered }] },
        { topic: topics.agents, messages: [{ key: agentId, value: agent({ ...eventDefaults.agent, ...common, agentId, recorded: turn, sent: turn }) }] },
      ],
    })
    await delay(TURN_MS / 10)
  }
  await producer.disconnect()
}
