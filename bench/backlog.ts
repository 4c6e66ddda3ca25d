import { LeanProducer } from './lean-producer.ts'
import { FIRST_SEQUENCE, LookupBatch, type Framing } from './lookup-batch.ts'
import { Lookups, partitionOf, type Topology } from './lookups.ts'
import { PARTITIONS } from './site.ts'

/** As a producer makes them that lingers: about 130 kB. */
export const RECORDS_IN_BATCH = 1_000
const IN_FLIGHT = 8

export interface Backlog {
  records: number
  topology: Topology
  framing: Framing
  /** Default: {@link RECORDS_IN_BATCH}. */
  batch?: number
}

/** Fills all partitions of a topic with look-ups; resolves when the broker has them. */
export async function produceBacklog(brokers: readonly string[], topic: string, backlog: Backlog): Promise<void> {
  const producer = await LeanProducer.open(brokers[0] ?? '')
  const sending: Promise<void>[] = []
  let sequence = FIRST_SEQUENCE
  for (const each of lookupBatches(backlog)) {
    sending.push(producer.send(topic, each.partition, each.stamp(sequence, Date.now())))
    sequence += each.records
    if (sending.length >= IN_FLIGHT) await sending.shift()
  }
  await Promise.all(sending)
  producer.close()
}

/** Batches of `records` look-ups in all, each for one partition. */
export function* lookupBatches({ records, topology, framing, batch = RECORDS_IN_BATCH }: Backlog): Generator<LookupBatch> {
  const lookups = new Lookups(topology)
  const gathered = Array.from({ length: PARTITIONS }, () => [] as ReturnType<Lookups['next']>[])
  for (let made = 0; made < records; made++) {
    const event = lookups.next()
    const partition = partitionOf(event, PARTITIONS)
    const events = gathered[partition] ?? []
    events.push(event)
    if (events.length >= batch) yield new LookupBatch(partition, events.splice(0), framing)
  }
  for (const [partition, events] of gathered.entries()) if (events.length > 0) yield new LookupBatch(partition, events, framing)
}
