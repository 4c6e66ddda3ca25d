import type { Kafka } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { createCheckpointWriter } from '../../src/kafka/checkpoint-writer.ts'
import type { InnerCluster } from '../../src/kafka/inner-cluster.ts'

/** What kafkajs makes of an error that a broker answers. */
function protocolError(type: string): Error {
  return Object.assign(new Error(`Kafka says ${type}`), { type })
}

/** A client whose connections, one after the other, answer an append as they are told to. Notes what is asked of each. */
function fakeKafka(answers: readonly ((partition: number) => Promise<unknown>)[]): { kafka: Kafka; asked: string[] } {
  const asked: string[] = []
  let opened = 0
  const create = (): InnerCluster => {
    const index = opened++
    const produce: Awaited<ReturnType<InnerCluster['findBroker']>>['produce'] = async ({ topicData }) => {
      const partition = topicData[0]?.partitions[0]?.partition ?? -1
      asked.push(`${index}: append to ${partition}`)
      await answers[index]?.(partition)
    }
    return {
      connect: async () => {},
      addMultipleTargetTopics: async () => { asked.push(`${index}: leaders`) },
      refreshMetadata: async () => {},
      findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }, { partitionId: 1, leader: 1 }],
      findBroker: async () => ({ connectionPool: { send: () => Promise.reject(new Error('not asked for')), pool: [] }, produce }),
      fetchTopicsOffset: async () => [],
      brokerPool: { retrier: () => Promise.reject(new Error('not asked for')), createSeedBroker: async () => {}, brokers: {} },
    }
  }
  return { kafka: { [Symbol('private:Kafka:createCluster')]: create } as unknown as Kafka, asked }
}

const records = [{ key: 'a', value: Buffer.from('v') }]
const never = (): Promise<unknown> => new Promise(() => {})

describe('a writer', () => {
  it('asks for the leaders anew after the one it knew is no longer it', async () => {
    const { kafka, asked } = fakeKafka([() => Promise.reject(protocolError('NOT_LEADER_FOR_PARTITION')), async () => {}])
    const writer = createCheckpointWriter(kafka, 'checkpoints')
    await expect(writer.append(0, records)).rejects.toMatchObject({
      code: 'unreachable', message: 'a checkpoint of 1 records for topic checkpoints, partition 0 was not acknowledged, and may have been appended all the same: Kafka says NOT_LEADER_FOR_PARTITION',
    })
    await writer.append(0, records)
    expect(asked).toEqual(['0: leaders', '0: append to 0', '1: leaders', '1: append to 0'])
  })

  it('keeps its connection where only the batch was too large', async () => {
    const answers = [() => Promise.reject(protocolError('MESSAGE_TOO_LARGE')), async () => {}]
    const { kafka, asked } = fakeKafka([() => answers.shift()?.() ?? Promise.resolve()])
    const writer = createCheckpointWriter(kafka, 'checkpoints')
    await expect(writer.append(0, records)).rejects.toMatchObject({ code: 'batch_too_large' })
    await writer.append(0, records)
    expect(asked).toEqual(['0: leaders', '0: append to 0', '0: append to 0'])
  })

  it('lets the others finish on a connection that one has given up', async () => {
    const held = new AbortController()
    const released = new Promise(resolve => { held.signal.addEventListener('abort', resolve) })
    const { kafka } = fakeKafka([partition => partition === 0 ? Promise.reject(protocolError('NOT_LEADER_FOR_PARTITION')) : released])
    const writer = createCheckpointWriter(kafka, 'checkpoints')
    const other = writer.append(1, records)
    await expect(writer.append(0, records)).rejects.toMatchObject({ code: 'unreachable' })
    held.abort()
    await expect(other).resolves.toBeUndefined()
  })

  it('gives up what is not acknowledged in time', async () => {
    const { kafka, asked } = fakeKafka([never, async () => {}])
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
