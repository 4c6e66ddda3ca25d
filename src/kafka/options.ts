import { readFileSync } from 'node:fs'
import { boolean, durationWithin, nonEmpty, oneOf, text, type OptionSpec, type OptionValues, type Rule } from '../config.ts'

const mechanisms = ['', 'plain', 'scram-sha-256', 'scram-sha-512'] as const

/** How to reach Kafka, and under which names. Secrets come from files only, so that no process list shows them. */
export const connectionOptions = {
  'kafka.brokers': { help: 'Brokers to begin with', placeholder: '<host:port,…>', fallback: 'localhost:9092', parse: brokerList },
  'kafka.client-id': {
    help: 'Name that the brokers know this process by',
    placeholder: '<name>', fallback: 'discovery-metrics', parse: nonEmpty,
  },
  'kafka.topic-prefix': { help: 'Stands before every topic name', placeholder: '<text>', fallback: '', parse: topicText },
  'kafka.tls.enabled': {
    help: 'Encrypt, and check the brokers’ certificates',
    placeholder: '[true|false]', fallback: 'false', parse: boolean,
  },
  'kafka.tls.ca-file': {
    help: 'Certificate authorities in PEM; otherwise the system’s',
    placeholder: '<file>', fallback: '', parse: optionalFile,
  },
  'kafka.tls.cert-file': { help: 'Client certificate in PEM', placeholder: '<file>', fallback: '', parse: optionalFile },
  'kafka.tls.key-file': { help: 'Key of the client certificate in PEM', placeholder: '<file>', fallback: '', parse: optionalFile },
  'kafka.tls.server-name': {
    help: 'Name to check in the brokers’ certificates, if not the host’s',
    placeholder: '<name>', fallback: '', parse: text,
  },
  'kafka.sasl.mechanism': {
    help: 'plain, scram-sha-256 or scram-sha-512',
    placeholder: '<mechanism>', fallback: '', parse: oneOf(...mechanisms),
  },
  'kafka.sasl.username': { help: 'Name to log in with', placeholder: '<name>', fallback: '', parse: text },
  'kafka.sasl.password-file': { help: 'File that holds the password', placeholder: '<file>', fallback: '', parse: optionalFile },
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
export const kafkaRules: readonly Rule<ConnectionSettings>[] = [
  {
    flags: ['kafka.sasl.mechanism', 'kafka.sasl.username'], fault: '--kafka.sasl.mechanism needs --kafka.sasl.username',
    holds: settings => settings['kafka.sasl.mechanism'] === '' || settings['kafka.sasl.username'] !== '',
  },
  {
    flags: ['kafka.sasl.mechanism', 'kafka.sasl.password-file'], fault: '--kafka.sasl.mechanism needs --kafka.sasl.password-file',
    holds: settings => settings['kafka.sasl.mechanism'] === '' || settings['kafka.sasl.password-file'] !== '',
  },
  {
    flags: ['kafka.sasl.mechanism', 'kafka.sasl.username'], fault: '--kafka.sasl.username needs --kafka.sasl.mechanism',
    holds: settings => settings['kafka.sasl.mechanism'] !== '' || settings['kafka.sasl.username'] === '',
  },
  {
    flags: ['kafka.sasl.mechanism', 'kafka.sasl.password-file'], fault: '--kafka.sasl.password-file needs --kafka.sasl.mechanism',
    holds: settings => settings['kafka.sasl.mechanism'] !== '' || settings['kafka.sasl.password-file'] === '',
  },
  {
    flags: ['kafka.tls.cert-file', 'kafka.tls.key-file'], fault: '--kafka.tls.cert-file and --kafka.tls.key-file go together',
    holds: settings => (settings['kafka.tls.cert-file'] === '') === (settings['kafka.tls.key-file'] === ''),
  },
  ...(['kafka.tls.ca-file', 'kafka.tls.cert-file', 'kafka.tls.server-name'] as const).map((flag): Rule<ConnectionSettings> => ({
    flags: ['kafka.tls.enabled', flag], fault: `--${flag} needs --kafka.tls.enabled`,
    holds: settings => settings['kafka.tls.enabled'] || settings[flag] === '',
  })),
]

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

/** The content of a file, or nothing where no file is named. */
function optionalFile(path: string): string {
  if (path === '') return ''
  const content = readText(path)
  if (content === '') throw new Error('must be a file with something in it')
  return content
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch (error) {
    throw new Error('must be a readable file', { cause: error })
  }
}
