import type { Kafka } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { createCheckpointWriter } from '../../src/kafka/checkpoint-writer.ts'
import type { InnerCluster, InnerConnection } from '../../src/kafka/inner-cluster.ts'

const [OK, NOT_LEADER, TOO_LARGE] = [0, 6, 10]
const TOPIC = 'checkpoints'
const CLIENT = 'writer'

/** The bytes of a Produce answer, version 7, with an error code. */
function answerOf(partition: number, errorCode: number): Buffer {
  const [topic, rest] = [Buffer.from(TOPIC), Buffer.alloc(38)]
  rest.writeInt32BE(1, 0)
  rest.writeInt32BE(partition, 4)
  rest.writeInt16BE(errorCode, 8)
  return Buffer.concat([Buffer.from([0, 0, 0, 1, 0, topic.length]), topic, rest])
}

/** Which partition a Produce request, version 7, is about; its header ends with the client's id. */
const partitionIn = (request: Buffer): number => request.readInt32BE(14 + CLIENT.length + 14 + TOPIC.length + 4)

/** What a queue of requests is given. */
interface Pushed {
  entry: { resolve: (answer: { payload: Buffer }) => void }
  sendRequest: () => void
}

/**
 * A client whose connections, one after the other, answer an append with the error code that they are told, once it is. Notes what is asked
 * of each.
 */
function fakeKafka(answers: readonly ((partition: number) => Promise<number>)[]): { kafka: Kafka; asked: string[] } {
  const asked: string[] = []
  let opened = 0
  const create = (): InnerCluster => {
    const index = opened++
    const written: Buffer[] = []
    const push = async ({ entry, sendRequest }: Pushed) => {
      sendRequest()
      const partition = partitionIn(Buffer.concat(written.splice(0)))
      asked.push(`${index}: append to ${partition}`)
      entry.resolve({ payload: answerOf(partition, await answers[index]?.(partition) ?? OK) })
    }
    const connection = {
      socket: { cork() {}, uncork() {}, destroy() {}, write: (bytes: Buffer) => { written.push(bytes) } }, clientId: CLIENT,
      isConnected: () => true, isAuthenticated: () => true, nextCorrelationId: () => 1,
      requestQueue: { push: (request: object) => { void push(request as Pushed) }, maybeThrottle() {} },
    } as unknown as InnerConnection
    return {
      connect: async () => {},
      addMultipleTargetTopics: async () => { asked.push(`${index}: leaders`) },
      refreshMetadata: async () => {},
      findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }, { partitionId: 1, leader: 1 }],
      findBroker: async () => ({ connectionPool: { send: () => Promise.reject(new Error('not asked for')), pool: [], getConnection: async () => connection } }),
      fetchTopicsOffset: async () => [],
      brokerPool: { retrier: () => Promise.reject(new Error('not asked for')), createSeedBroker: async () => {}, brokers: {} },
    }
  }
  return { kafka: { [Symbol('private:Kafka:createCluster')]: create } as unknown as Kafka, asked }
}

const records = [{ key: 'a', value: Buffer.from('v') }]
const never = (): Promise<number> => new Promise(() => {})
const says = (errorCode: number) => async (): Promise<number> => errorCode

describe('a writer', () => {
  it('asks for the leaders anew after the one it knew is no longer it', async () => {
    const { kafka, asked } = fakeKafka([says(NOT_LEADER), says(OK)])
    const writer = createCheckpointWriter(kafka, 'checkpoints')
    await expect(writer.append(0, records)).rejects.toMatchObject({
      code: 'unreachable', message: 'a checkpoint of 1 records for topic checkpoints, partition 0 was not acknowledged, and may have been appended all the same: This server is not the leader for that topic-partition',
    })
    await writer.append(0, records)
    expect(asked).toEqual(['0: leaders', '0: append to 0', '1: leaders', '1: append to 0'])
  })

  it('keeps its connection where only the batch was too large', async () => {
    const answers = [TOO_LARGE, OK]
    const { kafka, asked } = fakeKafka([async () => answers.shift() ?? OK])
    const writer = createCheckpointWriter(kafka, 'checkpoints')
    await expect(writer.append(0, records)).rejects.toMatchObject({ code: 'batch_too_large' })
    await writer.append(0, records)
    expect(asked).toEqual(['0: leaders', '0: append to 0', '0: append to 0'])
  })

  it('lets the others finish on a connection that one has given up', async () => {
    const held = new AbortController()
    const released = new Promise(resolve => { held.signal.addEventListener('abort', resolve) })
    const { kafka } = fakeKafka([async partition => {
      if (partition === 0) return NOT_LEADER
      await released
      return OK
    }])
    const writer = createCheckpointWriter(kafka, 'checkpoints')
    const other = writer.append(1, records)
    await expect(writer.append(0, records)).rejects.toMatchObject({ code: 'unreachable' })
    held.abort()
    await expect(other).resolves.toBeUndefined()
  })

  it('gives up what is not acknowledged in time', async () => {
    const { kafka, asked } = fakeKafka([never, says(OK)])
    const writer = createCheckpointWriter(kafka, 'checkpoints', { attemptMs: 20 })
    await expect(writer.append(0, records)).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('no answer within 0.02 s') as string })
    await writer.append(0, records)
    expect(asked.at(-1)).toBe('1: append to 0')
  })

  it('ends what is under way when it is disconnected, and takes no more', async () => {
    const { kafka } = fakeKafka([never])
    const writer = createCheckpointWriter(kafka, 'checkpoints')
    await writer.connect()
    const appending = writer.append(0, records)
    await writer.disconnect()
    await expect(appending).rejects.toMatchObject({ code: 'unreachable' })
    await expect(writer.append(0, records)).rejects.toThrow('the writer of topic checkpoints was stopped')
  })

  it('has nothing to do for no records', async () => {
    const { kafka, asked } = fakeKafka([])
    await createCheckpointWriter(kafka, 'checkpoints').append(0, [])
    expect(asked).toEqual([])
  })
})
