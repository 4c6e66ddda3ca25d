import { Kafka, logLevel, type LogEntry } from 'kafkajs'
import type { Logger } from 'pino'
import { registerCompression } from './compression.ts'
import type { ConnectionSettings } from './options.ts'
import { calmRequestQueues } from './request-queues.ts'
import { securityOf } from './security.ts'

/** How long to wait for Kafka before saying that it does not answer. */
export interface Patience {
  /** Milliseconds. */
  requestTimeout: number
  /** Of one request. */
  retries: number
}

/** For what runs on: what lasts longer is our own loops' to see and to tell. */
const servicePatience: Patience = { requestTimeout: 30_000, retries: 5 }
/** For a command that somebody waits for: it gives up within half a minute, also on a broker that takes connections and says nothing. */
export const commandPatience: Patience = { requestTimeout: 8_000, retries: 2 }

/** A kafkajs client that reads every compression Kafka knows. Its own log lines go to `log` at debug: what matters is told by us, once. */
export function createKafka(settings: ConnectionSettings, log: Logger, { requestTimeout, retries }: Patience = servicePatience): Kafka {
  registerCompression()
  calmRequestQueues()
  const kafkaLog = log.child({ component: 'kafkajs' })
  return new Kafka({
    brokers: settings['kafka.brokers'],
    clientId: settings['kafka.client-id'],
    connectionTimeout: 3_000,
    requestTimeout,
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries },
    logLevel: logLevel.INFO,
    logCreator: () => ({ log: { message, error }, namespace }: LogEntry) => kafkaLog.debug({ namespace, error: error as unknown }, message),
    ...securityOf(settings),
  })
}
