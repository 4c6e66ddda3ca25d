import { durationWithin, nonEmpty, type OptionSpec, type OptionValues, type Rule } from '../config.ts'
import { securityOptions, securityRules } from './security-options.ts'

/** How to reach Kafka, and under which names. */
export const connectionOptions = {
  'kafka.brokers': { help: 'Brokers to begin with', placeholder: '<host:port,…>', fallback: 'localhost:9092', parse: brokerList },
  'kafka.client-id': {
    help: 'Name that the brokers know this process by',
    placeholder: '<name>', fallback: 'discovery-metrics', parse: nonEmpty,
  },
  'kafka.topic-prefix': { help: 'Stands before every topic name', placeholder: '<text>', fallback: '', parse: topicText },
  ...securityOptions,
} satisfies Record<string, OptionSpec<unknown>>

export type ConnectionSettings = OptionValues<typeof connectionOptions>

/** What who reads says beside it. */
export const kafkaOptions = {
  ...connectionOptions,
  'kafka.group-id': {
    help: 'Consumer group; replicas of one deployment share it',
    placeholder: '<name>', fallback: 'discovery-metrics', parse: nonEmpty,
  },
  'kafka.checkpoint-topic': {
    help: 'Checkpoint topic of a second deployment on the same inputs',
    placeholder: '<topic>', fallback: '', parse: topicText,
  },
  'kafka.session-timeout': {
    // The most is Kafka's own default bound (group.max.session.timeout.ms); its least may be lower or higher than a broker's.
    help: 'A replica silent for this long loses its partitions',
    placeholder: '<duration>', fallback: '6s', parse: durationWithin('100ms', '30m'),
  },
} satisfies Record<string, OptionSpec<unknown>>

export type KafkaSettings = OptionValues<typeof kafkaOptions>

/** What the settings must be together. */
export const kafkaRules: readonly Rule<ConnectionSettings>[] = securityRules

function brokerList(value: string): string[] {
  const brokers = value.split(',').map(broker => broker.trim()).filter(broker => broker !== '')
  if (brokers.length === 0) throw new Error('must name at least one broker')
  if (!brokers.every(isAddress)) throw new Error('must be host:port, separated by commas')
  return brokers
}

function isAddress(broker: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(broker)?.[1]
  return Number(port) > 0 && Number(port) <= 65_535
}

/** A part of a topic's name, in the characters that Kafka allows. */
function topicText(value: string): string {
  if (!/^[a-zA-Z0-9._-]{0,200}$/.test(value)) throw new Error('must be letters, digits, dots, dashes and underscores, 200 at most')
  return value
}
