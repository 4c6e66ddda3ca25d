export const kafkaVersion = '4.1.0'

/** The JVM options of every broker that we start. */
export const heapOptions = ['-Xms128m', '-Xmx512m'] as const

/**
 * What a single KRaft node for tests needs, by Kafka's own names. Everything else stays at Kafka's defaults, so that what holds here holds
 * on a real broker; only topics are never made by accident, and group joins do not wait.
 */
export const commonSettings: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  // A broker that was killed is let back in only when its old session has run out: 9 s by default.
  'broker.session.timeout.ms': '4000',
  'broker.heartbeat.interval.ms': '1000',
  // Compaction shows within a test's patience; when a segment may be compacted stays each topic's own setting.
  'log.cleaner.backoff.ms': '1000',
}

/** As the environment of the image apache/kafka takes them: `node.id` is `KAFKA_NODE_ID`. */
export function asEnvironment(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value]),
  )
}

/** As a `server.properties` file. */
export function asProperties(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    // A text of several lines, such as a certificate, is one value.
    .map(([name, value]) => `${name}=${value.replaceAll('\n', '\\n')}\n`)
    .join('')
}
