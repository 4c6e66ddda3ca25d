import { once } from 'node:events'
import { DemoError } from './errors.ts'
import { demoKafka, hideTimerWarnings } from './kafka.ts'
import { startLiveShop } from './live.ts'
import { readOptions, usage, type DemoOptions } from './options.ts'

// The shop alone, for where the broker and the replicas are there already: runs until SIGTERM or Ctrl-C.

const STATUS_MILLIS = 10_000

hideTimerWarnings(process)
try {
  const options = readOptions(process.argv.slice(2))
  if (options === null) console.log(usage)
  else await live(options)
} catch (error) {
  console.error(error instanceof DemoError ? error.message : error)
  process.exitCode = 1
}

async function live({ seed, rate }: DemoOptions): Promise<void> {
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter(address => address !== '')
  if (brokers.length === 0) throw new DemoError('BAD_ENVIRONMENT', 'KAFKA_BROKERS is not set: give host:port, several of them with commas between')
  const topicPrefix = process.env['KAFKA_TOPIC_PREFIX'] ?? ''
  const shop = await startLiveShop({ kafka: demoKafka(brokers), topicPrefix, seed, rate, tell: text => console.log(text) })
  console.log(`${shop.services.length} services and their agents are up, their DNS server is ${shop.dnsAddress}`)
  const status = setInterval(() => console.log(`${shop.ledger.total} events recorded`), STATUS_MILLIS)
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  clearInterval(status)
  const dropped = await shop.stop()
  console.log(`${shop.ledger.total} events recorded, ${dropped} of them dropped`)
}
