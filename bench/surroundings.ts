import { createEncoder } from '../src/contract/codec.ts'
import { eventDefaults, messageKey } from '../src/contract/events.ts'
import { leanBatch, seal, type Keyed } from './lean-batch.ts'
import { LeanProducer } from './lean-producer.ts'
import { PARTITIONS, type Site } from './site.ts'

const RECORDS_IN_BATCH = 1_000
const LEASE_MS = 3_600_000

interface Surroundings {
  services: number
  instances: number
  agents: number
}

/** What a cluster has beside look-ups: each instance is registered once, with a long lease, and each agent reports once. */
export async function produceSurroundings({ brokers, topics }: Site, { services, instances, agents }: Surroundings): Promise<void> {
  const producer = await LeanProducer.open(brokers[0] ?? '')
  const send = async (topic: string, { count, record, keyed }: { count: number; keyed: number; record: (index: number) => Keyed }) => {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const own = Array.from({ length: count }, (_, index) => index).filter(index => index % keyed % PARTITIONS === partition)
      for (let from = 0; from < own.length; from += RECORDS_IN_BATCH) {
        const { bytes } = leanBatch(own.slice(from, from + RECORDS_IN_BATCH).map(record))
        seal(bytes, Date.now())
        await producer.send(topic, partition, bytes)
      }
    }
  }
  await send(topics.registrations, { count: instances, keyed: services, record: index => registrationOf(index, services) })
  await send(topics.agents, { count: agents, keyed: agents, record: reportOf })
  producer.close()
}

const encodeRegistration = createEncoder('registration')
const encodeReport = createEncoder('agent')

function registrationOf(index: number, services: number): Keyed {
  const service = `service-${index % services}`
  const event = {
    ...eventDefaults.registration, occurredAt: Date.now(), source: 'kubernetes/prod', operation: 'OBSERVE', outcome: 'SUCCESS',
    namespace: 'shop-prod', service, instance: `${service}-7d9f8b6c5-${index.toString(36)}`, version: `2.${index % 7}.0`, status: 'PASSING',
    leaseMillis: LEASE_MS, revision: index + 1, address: `10.0.${(index >> 8) % 256}.${index % 256}:8080`, zone: 'eu-central-1a',
  } as const
  return { key: Buffer.from(messageKey(event)), value: encodeRegistration(event) }
}

function reportOf(index: number): Keyed {
  const agentId = `sdk/node-${index}`
  const report = { ...eventDefaults.agent, agentId, sequence: 1, occurredAt: Date.now(), version: '1.4.2', host: `node-${index}`, startedAt: Date.now(), recorded: 1, sent: 1 }
  return { key: Buffer.from(agentId), value: encodeReport(report) }
}
