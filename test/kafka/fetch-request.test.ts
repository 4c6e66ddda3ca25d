import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { fetchRequest } from '../../src/kafka/fetch-request.ts'

const require = createRequire(import.meta.url)
const kafkajsRequest = require('kafkajs/src/protocol/requests/fetch/v11/request') as (request: object) => { encode: () => Promise<{ buffer: Buffer }> }

describe('a Fetch request', () => {
  it.each([0, 1, 3])('is the one that kafkajs writes, for %i partitions', async count => {
    const partitions = Array.from({ length: count }, (_, partition) => ({ partition, offset: 2 ** 40 + partition }))
    const ours = fetchRequest({ topic: 'täglich', partitions, maxWaitMs: 250, maxBytes: 4_194_304, maxBytesPerPartition: 1_048_576 })
    const theirs = await kafkajsRequest({
      replicaId: -1, maxWaitTime: 250, minBytes: 1, maxBytes: 4_194_304, isolationLevel: 1,
      topics: [{
        topic: 'täglich', partitions: partitions.map(({ partition, offset }) => ({ partition, fetchOffset: String(offset), maxBytes: 1_048_576 })),
      }],
    }).encode()
    expect(ours.toString('hex')).toBe(theirs.buffer.toString('hex'))
  })
})
