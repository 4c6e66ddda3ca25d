import { describe, expect, it } from 'vitest'
import { readMetadata } from '../../src/kafka/topic-identity.ts'

const ID = '0f32067568db41e1af81d84a70fd1567'
const NO_ID = '0'.repeat(32)

function topic(name: string, { id = ID, error = 0, partitions = 1 } = {}): Buffer {
  const partition = Buffer.concat([Buffer.alloc(14), Buffer.from([2, 0, 0, 0, 1, 1, 1, 0])]) // one replica, none in sync, none offline
  return Buffer.concat([
    Buffer.from([0, error, name.length + 1]), Buffer.from(name), Buffer.from(id, 'hex'), Buffer.from([0, partitions + 1]),
    ...Array.from({ length: partitions }, () => partition), Buffer.alloc(4), Buffer.from([0]),
  ])
}

/** A Metadata answer, version 10, behind its header's tags: one broker without a rack, a cluster, and these topics. */
function answer(...topics: Buffer[]): Buffer {
  const broker = Buffer.concat([Buffer.alloc(4), Buffer.from([2]), Buffer.from('h'), Buffer.alloc(4), Buffer.from([0, 0])])
  const cluster = Buffer.concat([Buffer.from([2]), Buffer.from('c'), Buffer.alloc(4)])
  return Buffer.concat([
    Buffer.from([0]), Buffer.alloc(4), Buffer.from([2]), broker, cluster, Buffer.from([topics.length + 1]), ...topics, Buffer.alloc(5),
  ])
}

describe('the ids of topics', () => {
  it('are read by name, however many partitions there are', () => {
    const ids = readMetadata(answer(topic('lookups', { partitions: 3 }), topic('agents', { id: `1${NO_ID.slice(1)}`, partitions: 0 })))
    expect(ids).toEqual(new Map([['lookups', ID], ['agents', `1${NO_ID.slice(1)}`]]))
  })

  it('are not had of a topic that is not there, nor of a broker that knows none', () => {
    expect(readMetadata(answer(topic('gone', { error: 3 }), topic('old', { id: NO_ID })))).toEqual(new Map())
  })

  it('are refused where the answer ends too soon', () => {
    const whole = answer(topic('lookups'))
    for (let length = 0; length < whole.length - 10; length++) {
      expect(() => readMetadata(whole.subarray(0, length))).toThrow(RangeError)
    }
  })
})
