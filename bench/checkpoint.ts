import { createEncoder } from '../src/contract/codec.ts'
import { eventDefaults, messageKey, type LookupEvent } from '../src/contract/events.ts'
import { topicNames } from '../src/contract/topics.ts'
import type { Moment } from './inside.ts'
import { ratios, spread } from './pairs.ts'
import { Served } from './served.ts'
import { load, withSite, type Site } from './site.ts'
import type { Sizes } from './sizes.ts'

const SERVICES = 200
const CLIENTS_PER_SERVICE = 15
const AGENTS = 20
const SENT_AT_ONCE = 5_000
/** Drained before the clock starts: joining the group, and code that is not compiled yet. */
const WARM_UP = 0.25
const NEVER = '60s'

interface Drain {
  recordsPerSecond: number
  cpuMicrosPerRecord: number
}

/**
 * The same backlog drained by `serve` with checkpoints as they are by default, and with none until the end: in turns, each with a group and
 * a checkpoint topic of its own. Ratios are with/without: of the rates, and of the processors' time for a record.
 */
export function checkpointBenchmark({ records, rounds }: Sizes): Promise<object> {
  return withSite(async site => {
    await site.create(site.topics)
    await produceBacklog(site, records)
    const pairs: [Drain, Drain][] = []
    for (let round = 0; round <= rounds; round++) {
      // Who comes first changes from round to round.
      const [first, second] = round % 2 === 0 ? [[], [`--checkpoint.interval=${NEVER}`]] : [[`--checkpoint.interval=${NEVER}`], []]
      const drains = [await drain(site, { records, flags: first }), await drain(site, { records, flags: second })] as const
      const [with_, without] = round % 2 === 0 ? drains : drains.toReversed() as [Drain, Drain]
      console.error(JSON.stringify({ round, with: with_, without, load: load() }))
      if (round > 0) pairs.push([with_, without]) // the first warms the broker
    }
    return { records, services: SERVICES, edges: SERVICES * CLIENTS_PER_SERVICE, ...summaryOf(pairs), load: load() }
  })
}

function summaryOf(pairs: readonly (readonly [Drain, Drain])[]): object {
  return {
    recordsPerSecond: spread(pairs.map(([{ recordsPerSecond }]) => recordsPerSecond)),
    recordsPerSecondWithout: spread(pairs.map(([, { recordsPerSecond }]) => recordsPerSecond)),
    rateRatio: ratios(pairs.map(([a, b]) => [a.recordsPerSecond, b.recordsPerSecond])),
    cpuRatio: ratios(pairs.map(([a, b]) => [a.cpuMicrosPerRecord, b.cpuMicrosPerRecord])),
  }
}

let drains = 0

async function drain({ brokers, topicPrefix, create }: Site, { records, flags }: { records: number; flags: readonly string[] }): Promise<Drain> {
  const name = `${topicPrefix}drain-${drains++}`
  await create(topicNames(topicPrefix, name))
  const served = await Served.start({
    brokers, topicPrefix, tellAt: [Math.floor(records * WARM_UP), records],
    flags: [`--kafka.group-id=${name}`, `--kafka.checkpoint-topic=${name}`, ...flags],
  })
  const begun = await served.told()
  const ended = await served.told()
  await served.stop()
  return between(begun, ended)
}

function between(begun: Moment, ended: Moment): Drain {
  const records = ended.records - begun.records
  return { recordsPerSecond: records / ((ended.at - begun.at) / 1_000), cpuMicrosPerRecord: (ended.cpu - begun.cpu) * 1_000 / records }
}

async function produceBacklog({ kafka, topics }: Site, records: number): Promise<void> {
  const encode = createEncoder('lookup')
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 }) // what is sent again is not there twice
  await producer.connect()
  for (let sent = 0; sent < records; sent += SENT_AT_ONCE) {
    const events = Array.from({ length: Math.min(SENT_AT_ONCE, records - sent) }, (_, index) => lookup(sent + index))
    const messages = events.map(event => ({ key: messageKey(event), value: encode(event) }))
    await producer.send({ topic: topics.lookups, acks: -1, messages })
  }
  await producer.disconnect()
}

function lookup(index: number): LookupEvent {
  const service = index % SERVICES
  return {
    ...eventDefaults.lookup, agentId: `bench/${index % AGENTS}`, sequence: index + 1, occurredAt: Date.now(), clientNamespace: 'shop-prod',
    client: `client-of-${service}-${Math.floor(index / SERVICES) * 7 % CLIENTS_PER_SERVICE}`, namespace: 'shop-prod', service: `service-${service}`,
    method: 'DNS', cache: index % 3 === 0 ? 'MISS' : 'HIT', outcome: 'SUCCESS', instances: 3, durationMicros: 100 + (index % 5_000),
  }
}
