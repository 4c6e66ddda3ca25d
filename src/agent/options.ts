import { MAX_STRING_BYTES } from '../contract/bounds.ts'
import { systemClock, type AgentClock } from './clock.ts'
import type { ErrorListener } from './error-outlet.ts'
import { AgentError } from './errors.ts'
import type { KafkaClient } from './producer.ts'

export interface AgentOptions {
  /** The host's own kafkajs client, `new Kafka(…)`: the agent makes one producer of it, with the client's default partitioner. */
  kafka: KafkaClient
  /** The service that this process is. */
  service: string
  /** Its namespace. Absent: `default`. */
  namespace?: string | undefined
  /** Which instance of the service this process is, such as its host and port. */
  instance?: string | undefined
  version?: string | undefined
  zone?: string | undefined
  /** The text of the agent's id before the `/`; `sdk` unless given. */
  kind?: string | undefined
  /** Which registry events speak of unless they say so themselves, such as `consul/dc1`. */
  source?: string | undefined
  /** Stands before the contract's topic names. */
  topicPrefix?: string | undefined
  /** Events that may wait to be acknowledged; those beyond are dropped and counted. 10,000 unless given. */
  queueLimit?: number | undefined
  /** Most events to a send. 500 unless given. */
  batchSize?: number | undefined
  /** An event waits this long for others to share its send, in milliseconds. 200 unless given. */
  lingerMs?: number | undefined
  /** Milliseconds from one report to the next; 0: no reports. 10,000 unless given, which is what the aggregator counts silence by. */
  reportIntervalMs?: number | undefined
  /**
   * What the agent stamps look-ups with goes in steps of so many milliseconds, rounded down: only look-ups of one moment may share an event.
   * 100 unless given; 1: none. An `occurredAt` that the host gives stays as it is.
   */
  timestampStepMs?: number | undefined
  /** Told of faults, of each code at most every 10 s. What it throws is ignored. */
  onError?: ErrorListener | undefined
  clock?: AgentClock | undefined
}

/** Who the agent speaks for. */
export interface Identity {
  service: string
  namespace: string
  instance: string
  version: string
  zone: string
  source: string
}

export interface Settings {
  identity: Identity
  kind: string
  topicPrefix: string
  queueLimit: number
  batchSize: number
  lingerMs: number
  reportIntervalMs: number
  timestampStepMs: number
  clock: AgentClock
}

/** Fills in the defaults. Throws one AgentError `INVALID_OPTIONS` that names every fault. */
export function resolveSettings(options: AgentOptions): Settings {
  const { service, namespace = '', instance = '', version = '', zone = '', source = '', kind = 'sdk', topicPrefix = '' } = options
  const { queueLimit = 10_000, batchSize = 500, lingerMs = 200, reportIntervalMs = 10_000, timestampStepMs = 100, clock = systemClock } = options
  const identity = { service, namespace, instance, version, zone, source }
  const faults = [
    ...(typeof options.kafka?.producer === 'function' ? [] : ['kafka is no kafkajs client']),
    ...Object.entries({ ...identity, kind, topicPrefix }).flatMap(([name, value]) => textFault(name, value)),
    ...(service === '' ? ['service is empty'] : []),
    ...(kind === '' || /\//.test(kind) ? ['kind is empty or has a /'] : []),
    ...Object.entries({ queueLimit, batchSize, timestampStepMs }).flatMap(([name, value]) => countFault(name, value, 1)),
    ...Object.entries({ lingerMs, reportIntervalMs }).flatMap(([name, value]) => countFault(name, value, 0)),
  ]
  if (faults.length > 0) throw new AgentError('INVALID_OPTIONS', `the agent cannot be created: ${faults.join('; ')}. Correct these options`)
  return { identity, kind, topicPrefix, queueLimit, batchSize, lingerMs, reportIntervalMs, timestampStepMs, clock }
}

function textFault(name: string, value: unknown): string[] {
  if (typeof value !== 'string') return [`${name} is no string`]
  const bytes = Buffer.byteLength(value)
  return bytes > MAX_STRING_BYTES ? [`${name} has ${bytes} bytes, the most is ${MAX_STRING_BYTES}`] : []
}

function countFault(name: string, value: unknown, lowest: number): string[] {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= lowest ? [] : [`${name} is no whole number from ${lowest} on`]
}
