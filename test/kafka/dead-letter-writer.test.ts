import { beforeEach, describe, expect, it } from 'vitest'
import { readLetter, sizeOfRecord, type DeadLetter } from '../../src/contract/dead-letters.ts'
import { encodeBatch, type WritableRecord } from '../../src/kafka/batch-encoder.ts'
import { DeadLetterWriter } from '../../src/kafka/dead-letter-writer.ts'
import { KafkaError } from '../../src/kafka/errors.ts'

const MEBIBYTE = 1_048_576

/** A topic of four partitions, some of which may be away. */
class FakeTopic {
  maxMessageBytes = MEBIBYTE + 65_536
  readonly away = new Set<number>()
  readonly appended: { partition: number; letters: DeadLetter[] }[] = []
  readonly partitions = () => Promise.resolve(4)
  readonly append = (partition: number, records: readonly WritableRecord[]): Promise<void> => {
    if (this.away.has(partition)) return Promise.reject(new KafkaError('unreachable', 'no leader'))
    if (encodeBatch(records, 0).length > this.maxMessageBytes) return Promise.reject(new KafkaError('batch_too_large', 'too large'))
    const letters = records.map(record => readLetter(record as Parameters<typeof readLetter>[0])).filter(letter => letter !== null)
    this.appended.push({ partition, letters })
    return Promise.resolve()
  }
}

let topic: FakeTopic
let writer: DeadLetterWriter
beforeEach(() => {
  topic = new FakeTopic()
  writer = new DeadLetterWriter(topic)
})

const letter = (offset: number, value: Buffer): DeadLetter => ({
  topic: 'discovery.lookups.v1', partition: 6, offset, timestamp: 1, reason: 'malformed', detail: 'd', key: Buffer.from('k'), value, headers: [], batchOf: 0, cutFrom: 0,
})

describe('dead letters', () => {
  it('go to the partition of their own number, or the one that it comes to, as one batch', async () => {
    const letters = [letter(1, Buffer.from('a')), letter(2, Buffer.from('b'))]
    expect(await writer.append(6, letters)).toEqual(letters)
    expect(topic.appended).toEqual([{ partition: 2, letters }])
  })

  it('go to another partition while theirs is away: a checkpoint waits for them', async () => {
    topic.away.add(2).add(3)
    for (let attempt = 0; attempt < 2; attempt++) await expect(writer.append(6, [letter(1, Buffer.from('a'))])).rejects.toThrow('no leader')
    await writer.append(6, [letter(1, Buffer.from('a'))])
    expect(topic.appended.map(({ partition }) => partition)).toEqual([0])
  })

  it('that are too large together go one by one', async () => {
    topic.maxMessageBytes = 1_000
    const letters = [letter(1, Buffer.alloc(500)), letter(2, Buffer.alloc(500))]
    expect(await writer.append(0, letters)).toEqual(letters)
    expect(topic.appended.map(each => each.letters)).toEqual(letters.map(each => [each]))
  })

  it('that are too large by themselves are cut to what the topic takes, and say so', async () => {
    const large = letter(1, Buffer.alloc(3 * MEBIBYTE, 'x'))
    const small = letter(2, Buffer.from('b'))
    expect(await writer.append(0, [large, small])).toHaveLength(2)
    const [first, second] = topic.appended.flatMap(({ letters }) => letters)
    expect([first?.cutFrom, first && sizeOfRecord(first), second]).toEqual([3 * MEBIBYTE + 1, MEBIBYTE, small])
    topic.maxMessageBytes = 300
    await writer.append(0, [large])
    expect(topic.appended.at(-1)?.letters).toMatchObject([{ offset: 1, cutFrom: 3 * MEBIBYTE + 1, value: Buffer.alloc(0) }])
  })

  it('that a topic takes in no form are left out, and wedge nothing', async () => {
    topic.maxMessageBytes = 100
    expect(await writer.append(0, [letter(1, Buffer.from('a'))])).toEqual([])
  })
})
