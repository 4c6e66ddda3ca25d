import { readFileSync } from 'node:fs'
import { boolean, duration, nonEmpty, oneOf, text, type OptionSpec, type OptionValues } from '../config.ts'

const mechanisms = ['', 'plain', 'scram-sha-256', 'scram-sha-512'] as const

/** How to reach Kafka, and under which names. Secrets come from files only, so that no process list shows them. */
export const kafkaOptions = {
  'kafka.brokers': { help: 'Brokers to begin with', placeholder: '<host:port,…>', fallback: 'localhost:9092', parse: brokerList },
  'kafka.client-id': { help: 'Name that the brokers know this process by', placeholder: '<name>', fallback: 'discovery-metrics', parse: nonEmpty },
  'kafka.group-id': { help: 'Consumer group; replicas of one deployment share it', placeholder: '<name>', fallback: 'discovery-metrics', parse: nonEmpty },
  'kafka.topic-prefix': { help: 'Stands before every topic name', placeholder: '<text>', fallback: '', parse: text },
  'kafka.checkpoint-topic': { help: 'Checkpoint topic of a second deployment on the same inputs', placeholder: '<topic>', fallback: '', parse: text },
  'kafka.session-timeout': { help: 'A replica silent for this long loses its partitions', placeholder: '<duration>', fallback: '6s', parse: duration },
  'kafka.tls.enabled': { help: 'Encrypt, and check the brokers’ certificates', placeholder: '[true|false]', fallback: 'false', parse: boolean },
  'kafka.tls.ca-file': { help: 'Certificate authorities in PEM; otherwise the system’s', placeholder: '<file>', fallback: '', parse: optionalFile },
  'kafka.tls.cert-file': { help: 'Client certificate in PEM', placeholder: '<file>', fallback: '', parse: optionalFile },
  'kafka.tls.key-file': { help: 'Key of the client certificate in PEM', placeholder: '<file>', fallback: '', parse: optionalFile },
  'kafka.tls.server-name': { help: 'Name to check in the brokers’ certificates, if not the host’s', placeholder: '<name>', fallback: '', parse: text },
  'kafka.sasl.mechanism': { help: 'plain, scram-sha-256 or scram-sha-512', placeholder: '<mechanism>', fallback: '', parse: oneOf(...mechanisms) },
  'kafka.sasl.username': { help: 'Name to log in with', placeholder: '<name>', fallback: '', parse: text },
  'kafka.sasl.password-file': { help: 'File that holds the password', placeholder: '<file>', fallback: '', parse: optionalFile },
} satisfies Record<string, OptionSpec<unknown>>

export type KafkaSettings = OptionValues<typeof kafkaOptions>

/** What is wrong with the settings together. */
export function kafkaFaults(settings: KafkaSettings): string[] {
  const faults: string[] = []
  const sasl = settings['kafka.sasl.mechanism'] !== ''
  if (sasl && settings['kafka.sasl.username'] === '') faults.push('--kafka.sasl.mechanism needs --kafka.sasl.username')
  if (sasl && settings['kafka.sasl.password-file'] === '') faults.push('--kafka.sasl.mechanism needs --kafka.sasl.password-file')
  if (!sasl && settings['kafka.sasl.username'] !== '') faults.push('--kafka.sasl.username needs --kafka.sasl.mechanism')
  if ((settings['kafka.tls.cert-file'] === '') !== (settings['kafka.tls.key-file'] === '')) {
    faults.push('--kafka.tls.cert-file and --kafka.tls.key-file go together')
  }
  if (!settings['kafka.tls.enabled'] && (settings['kafka.tls.ca-file'] !== '' || settings['kafka.tls.cert-file'] !== '')) {
    faults.push('--kafka.tls.ca-file and --kafka.tls.cert-file need --kafka.tls.enabled')
  }
  return faults
}

function brokerList(value: string): string[] {
  const brokers = value.split(',').map(broker => broker.trim()).filter(broker => broker !== '')
  if (brokers.length === 0) throw new Error('must name at least one broker')
  if (brokers.some(broker => !/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/.test(broker))) throw new Error('must be host:port, separated by commas')
  return brokers
}

/** The content of a file, or nothing where no file is named. */
function optionalFile(path: string): string {
  if (path === '') return ''
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch (error) {
    throw new Error('must be a readable file', { cause: error })
  }
}
