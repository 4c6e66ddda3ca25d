import {
  Kafka, logLevel, KafkaJSConnectionError, KafkaJSNonRetriableError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError,
} from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { sendVerdict, type KafkaClient } from '../../src/agent/producer.ts'
import { kafkaError } from './fake-kafka.ts'

const retries = { retryCount: 0, retryTime: 100 }
const exceeded = (cause: Error): Error => Object.assign(new KafkaJSNumberOfRetriesExceeded(cause, retries), { cause })
const away = new KafkaJSConnectionError('Connection error: ECONNREFUSED', { code: 'ECONNREFUSED' })
const protocolError = (type: string, retriable: boolean): Error =>
  new KafkaJSProtocolError(Object.assign(new Error(type), { type, retriable, code: 1 }))

const wrapped = (error: Error, cause: Error): Error => Object.assign(new KafkaJSNonRetriableError(error), { cause })
const denied = protocolError('TOPIC_AUTHORIZATION_FAILED', false)

describe('what kafkajs throws', () => {
  it.each([
    ['a broker that is away', away, 'retry'],
    ['the last of its retries against one', exceeded(away), 'retry'],
    ['that again, as its sender wraps it', wrapped(exceeded(away), away), 'retry'],
    ['a topic that is not there yet', exceeded(protocolError('UNKNOWN_TOPIC_OR_PARTITION', true)), 'retry'],
    ['too few replicas', exceeded(protocolError('NOT_ENOUGH_REPLICAS', true)), 'retry'],
    ['a slow broker', kafkaError({ retriable: false, name: 'KafkaJSLockTimeout' }), 'retry'],
    ['no right to write', denied, 'refused'],
    ['that, wrapped', wrapped(denied, denied), 'refused'],
    ['a message too large', protocolError('MESSAGE_TOO_LARGE', false), 'too-large'],
    ['a fault of its own', new TypeError('x is not a function'), 'refused'],
    ['nothing', undefined, 'refused'],
  ])('is judged: %s', (_, error, verdict) => {
    expect(sendVerdict(error)).toBe(verdict)
  })

  it('is judged although its causes go round', () => {
    const error: Error & { cause?: unknown } = new Error('round')
    error.cause = error
    expect(sendVerdict(error)).toBe('refused')
  })
})

describe('the host\'s client', () => {
  it('may be kafkajs as it is', () => {
    const client: KafkaClient = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING })
    expect(client.producer({})).toHaveProperty('sendBatch')
  })
})
