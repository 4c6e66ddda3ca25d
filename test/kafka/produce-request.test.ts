import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { encodeBatch } from '../../src/kafka/batch-encoder.ts'
import { produceRequest, readProduceAnswer } from '../../src/kafka/produce-request.ts'

interface Encoded { buffer: Buffer }
const require = createRequire(import.meta.url)
const kafkajsRequest = require('kafkajs/src/protocol/requests/produce/v7/request') as (request: object) => { encode: () => Promise<Encoded> }

describe('a Produce request', () => {
  it('is the one that kafkajs writes, but for the batch', async () => {
    const batch = encodeBatch([{ key: 'a', value: Buffer.from('v') }], 5)
    const ours = Buffer.concat(produceRequest({ topic: 'täglich', partition: 7, timeoutMs: 5_000, batch }))
    const messages = [{ key: 'a', value: Buffer.from('v') }]
    const theirs = (await kafkajsRequest({
      acks: -1, timeout: 5_000, topicData: [{ topic: 'täglich', partitions: [{ partition: 7, firstSequence: 0, messages }] }],
    }).encode()).buffer
    expect(ours.length).toBe(theirs.length)
    expect(ours.subarray(0, -batch.length)).toEqual(theirs.subarray(0, -batch.length))
    expect(ours.subarray(-batch.length)).toEqual(batch)
  })
})

describe('the answer to it', () => {
  const answer = Buffer.concat([
    Buffer.from([0, 0, 0, 1, 0, 2]), Buffer.from('ab'), Buffer.from([0, 0, 0, 1]), Buffer.from([0, 0, 0, 7, 0, 10]), Buffer.alloc(24, 0xff),
    Buffer.from([0, 0, 1, 0]),
  ])

  it('tells the partition’s error, and for how long the broker wants to be left alone', () => {
    expect(readProduceAnswer(answer)).toEqual({ errorCode: 10, clientSideThrottleTime: 256 })
  })

  it('is an error where it is cut off', () => {
    for (let length = 0; length < answer.length; length++) expect(() => readProduceAnswer(answer.subarray(0, length))).toThrow(RangeError)
  })
})
