import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { lookupBatches } from './backlog.ts'
import { LeanProducer } from './lean-producer.ts'
import { FIRST_SEQUENCE } from './lookup-batch.ts'
import type { Sent, Steady } from './steady.ts'

// A process of its own: sends batches that were made before, stamped as events of now, each as soon as its time has come.

const RECORDS_IN_BATCH = 250
const SECOND_MS = 1_000
const IN_FLIGHT = 64

const { brokers, topic, topology, framing, rate, seconds, different, once: onlyOnce = 0, before = 0 } = JSON.parse(process.argv[2] ?? '{}') as Steady
const batches = [...lookupBatches({ records: different, topology, framing, batch: RECORDS_IN_BATCH })]
const first = Math.min(Math.ceil(onlyOnce / RECORDS_IN_BATCH), batches.length - 1)
const producer = await LeanProducer.open(brokers[0] ?? '')
process.once('disconnect', () => process.exit(1)) // it does not outlive the benchmark
process.send?.('ready')
await once(process, 'message')
process.send?.(await sendAll(), () => process.exit(0))

async function sendAll(): Promise<Sent> {
  const made: (readonly [number, number])[] = []
  const sending: Promise<void>[] = []
  const cpuBefore = process.cpuUsage()
  const began = Date.now()
  let [count, latest] = [0, 0]
  for (let index = 0; count < rate * seconds; index++) {
    const batch = batches[index < batches.length ? index : first + (index - first) % (batches.length - first)]
    if (batch === undefined) throw new Error('no look-ups to send')
    const due = began + count / rate * SECOND_MS
    if (due > Date.now()) await delay(Math.ceil(due - Date.now()))
    const now = Date.now()
    latest = Math.max(latest, now - due)
    sending.push(producer.send(topic, batch.partition, batch.stamp(FIRST_SEQUENCE + before + count, now)))
    count += batch.records
    made.push([count, now])
    if (sending.length >= IN_FLIGHT) await sending.shift()
  }
  await Promise.all(sending)
  const { user, system } = process.cpuUsage(cpuBefore)
  return { made, cpuMillisPerThousand: (user + system) / count, latest }
}
