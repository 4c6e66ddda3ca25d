import { once } from 'node:events'
import { BrokerError } from './errors.ts'
import { findBroker } from './find.ts'

// `node broker/main.ts`: a broker for a developer, until Ctrl-C. Its address is the only line on standard output.

try {
  const broker = await findBroker({
    onProgress: (text) => {
      console.error(text)
    },
  })
  console.log(`KAFKA_BROKERS=${broker.brokers.join(',')}`)
  console.error(`a broker (${broker.kind}) is up; Ctrl-C ends it`)
  // A pending promise alone does not keep a process alive.
  const alive = setInterval(() => undefined, 60_000)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  clearInterval(alive)
  await broker.stop()
} catch (error) {
  if (!(error instanceof BrokerError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
}
