import { pino } from 'pino'
import { createKafka } from '../src/kafka/client.ts'
import { readLog } from '../src/kafka/log-reader.ts'
import { settingsFor } from './site.ts'

// A process of its own, the reference of `restore`: reads a topic up to where it ends and does nothing with the records. Arguments: brokers,
// topic. Prints how many records there were, and their bytes.

const [brokers = '', topic = ''] = process.argv.slice(2)
const kafka = createKafka(settingsFor(brokers.split(',')), pino({ level: 'silent' }))
const admin = kafka.admin()
await admin.connect()
const ends = (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)] as const)
await admin.disconnect()
let [records, bytes] = [0, 0]
await readLog({
  kafka, topic, from: 'earliest', until: new Map(ends), signal: new AbortController().signal, random: Math.random,
  onFailure: error => console.error(error),
  take: stretch => {
    records += stretch.records.count
    for (const { key, value } of stretch.records) bytes += (key?.length ?? 0) + (value?.length ?? 0)
  },
})
console.log(JSON.stringify({ records, bytes }))
process.exit(0)
