import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import type { Moment } from './inside.ts'

// A process of its own, the reference of `drain`: stock kafkajs with its defaults reads a topic by `eachBatch` and does nothing with it.
// Arguments: brokers, topic, how many records it has to have read when it tells how it is (two numbers). Prints two lines.

const [brokers = '', topic = '', first = '', last = ''] = process.argv.slice(2)
const consumer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).consumer({ groupId: `bench-${randomUUID()}` })
let records = 0
let told = false

await consumer.connect()
await consumer.subscribe({ topics: [topic], fromBeginning: true })
await consumer.run({
  eachBatch: async ({ batch }) => {
    records += batch.messages.length
    if (!told && records >= Number(first)) tell()
    if (records < Number(last)) return
    tell()
    process.exit(0)
  },
})

function tell(): void {
  told = true
  const { user, system } = process.cpuUsage()
  const now: Pick<Moment, 'records' | 'at' | 'cpu'> = { records, at: performance.timeOrigin + performance.now(), cpu: (user + system) / 1_000 }
  console.log(JSON.stringify(now))
}
