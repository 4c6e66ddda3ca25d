import { Kafka, logLevel } from 'kafkajs'

/** The demo's own client, as any host of the SDK has one. Silent: what is wrong, the agents tell, and they do their own retrying. */
export function demoKafka(brokers: readonly string[]): Kafka {
  return new Kafka({ clientId: 'discovery-metrics-demo', brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 2 } })
}

/** kafkajs 2.2.4 sets timers to a negative time, harmlessly; Node 24 warns of it in the middle of what the demo shows. */
export function hideTimerWarnings(host: NodeJS.Process): void {
  host.removeAllListeners('warning')
  host.on('warning', warning => {
    if (warning.name !== 'TimeoutNegativeWarning') host.stderr.write(`${warning.stack ?? warning.message}\n`)
  })
}
