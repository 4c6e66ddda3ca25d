import { zstdCompressSync } from 'node:zlib'
import * as fc from 'fast-check'
import kafkajs from 'kafkajs'
import { beforeAll, describe, expect, it } from 'vitest'
import { UnreadableBatch } from '../../src/checkpoint/log.ts'
import { MAX_DECOMPRESSED_BYTES, registerCompression } from '../../src/kafka/compression.ts'
import { KafkaError } from '../../src/kafka/errors.ts'
import { batchesOf, uncountedBatches } from '../../src/kafka/record-batch.ts'
import { checked, decodeSet, encodeBatch, readSet, withAttributes, type TestBatch } from './record-sets.ts'

const { None, GZIP, Snappy, LZ4, ZSTD } = kafkajs.CompressionTypes
const codecs = [['none', None], ['gzip', GZIP], ['snappy', Snappy], ['lz4', LZ4], ['zstd', ZSTD]] as const
const APPEND_TIME = 0x08
const CONTROL = 0x20

const bytes = fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array))
const maybeBytes = fc.option(bytes)
const records = fc.array(
  fc.record({
    key: maybeBytes,
    value: maybeBytes,
    headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }).filter(name => name !== '__proto__'), bytes, { maxKeys: 3 }),
    timestampDelta: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  }),
  { minLength: 1, maxLength: 200 },
)
const offsets = fc.oneof(fc.nat(1_000), fc.integer({ min: 0, max: 2 ** 50 }))

const plain = (key: string) => ({ key: Buffer.from(key), value: Buffer.from(`value of ${key}`) })
const offsetsOf = (set: Buffer, from?: number) => decodeSet(set, from).map(({ offset }) => offset)

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    return error instanceof KafkaError || error instanceof UnreadableBatch ? error.code : String(error)
  }
}

const single = (firstOffset: number, more: Partial<TestBatch> = {}) => encodeBatch({ firstOffset, records: [plain('a')], ...more })
const marker = async (firstOffset: number, producerId: number) => withAttributes(await single(firstOffset, { producerId, transactional: true }), CONTROL)
const counted = (set: Buffer, aborted: { producerId: number; firstOffset: number }[]) => {
  const batches = batchesOf(set)
  const skipped = uncountedBatches(batches, aborted)
  return batches.filter(each => !skipped.has(each)).map(({ baseOffset }) => baseOffset)
}

beforeAll(() => { registerCompression() })

describe('the records of a batch', () => {
  it.each(codecs)('come back as kafkajs has written them, with %s', async (_, compression) => {
    await fc.assert(fc.asyncProperty(records, offsets, async (written, firstOffset) => {
      const firstTimestamp = 1_700_000_000_000
      const set = await encodeBatch({ firstOffset, firstTimestamp, compression, records: written })
      expect(decodeSet(set)).toEqual(written.map(({ key, value, headers, timestampDelta }, index) => ({
        offset: firstOffset + index, appendTime: firstTimestamp + timestampDelta, key, value, headers: Object.entries(headers),
      })))
      expect(batchesOf(set).map(({ next }) => next)).toEqual([firstOffset + written.length])
    }), { numRuns: 40 })
  })

  it('all have the batch’s time where the broker sets it', async () => {
    const batch = { firstOffset: 0, firstTimestamp: 5, maxTimestamp: 90, records: [{ ...plain('a'), timestampDelta: 1 }, plain('b')] }
    expect(decodeSet(await encodeBatch(batch)).map(({ appendTime }) => appendTime)).toEqual([6, 5])
    expect(decodeSet(withAttributes(await encodeBatch(batch), APPEND_TIME)).map(({ appendTime }) => appendTime)).toEqual([90, 90])
  })

  it('may repeat a header’s name, and leave offsets out', async () => {
    const twice = [Buffer.from('1'), Buffer.from('2')]
    const set = await encodeBatch({ firstOffset: 70, lastOffsetDelta: 9, records: [{ ...plain('a'), offsetDelta: 3, headers: { h: twice } }, { ...plain('b'), offsetDelta: 7 }] })
    expect(offsetsOf(set)).toEqual([73, 77])
    expect(decodeSet(set)[0]?.headers).toEqual([['h', twice[0]], ['h', twice[1]]])
    expect(batchesOf(set)[0]?.next).toBe(80)
  })

  it('below the offset asked for are left out', async () => {
    const set = await encodeBatch({ firstOffset: 10, records: ['a', 'b', 'c'].map(plain) })
    expect([10, 11, 12, 13].map(from => offsetsOf(set, from))).toEqual([[10, 11, 12], [11, 12], [12], []])
  })

  it('are views into what was fetched', async () => {
    const set = await encodeBatch({ firstOffset: 0, records: [plain('a')] })
    expect(decodeSet(set)[0]?.value?.buffer).toBe(set.buffer)
  })
})

describe('a record set', () => {
  it('ends with its last whole batch, wherever it is cut', async () => {
    const batches = await Promise.all([0, 3, 9].map(firstOffset => encodeBatch({ firstOffset, records: ['a', 'b'].map(plain) })))
    const set = Buffer.concat(batches)
    let [whole, end] = [0, batches[0]?.length ?? 0]
    for (let length = 0; length <= set.length; length++) {
      if (length === end) end += batches[++whole]?.length ?? 0
      expect(batchesOf(set.subarray(0, length)).length).toBe(whole)
    }
    expect(whole).toBe(3)
  })

  it('leads on over batches that compaction has emptied', async () => {
    const set = await encodeBatch({ firstOffset: 100, lastOffsetDelta: 49, records: [] })
    expect(offsetsOf(set)).toEqual([])
    expect(batchesOf(set)[0]?.next).toBe(150)
  })
})

describe('a transaction', () => {
  it('that was aborted does not count, up to its marker; others’ records and those of no transaction do', async () => {
    const set = Buffer.concat([
      await single(0, { producerId: 7, transactional: true }), await single(1, { producerId: 8, transactional: true }), await single(2),
      await single(3, { producerId: 7 }), await marker(4, 7), await single(5, { producerId: 7, transactional: true }), await marker(6, 8),
    ])
    expect(counted(set, [{ producerId: 7, firstOffset: 0 }])).toEqual([1, 2, 3, 5])
    expect(counted(set, [])).toEqual([0, 1, 2, 3, 5])
  })

  it('may be aborted twice by one producer, and have begun before what was fetched', async () => {
    const inside = { producerId: 7, transactional: true }
    const set = Buffer.concat([await single(10, inside), await marker(11, 7), await single(12, inside), await marker(13, 7), await single(14, inside), await marker(15, 7)])
    expect(counted(set, [{ producerId: 7, firstOffset: 14 }, { producerId: 7, firstOffset: 2 }])).toEqual([12])
  })
})

describe('bytes that Kafka does not write', () => {
  it('are refused in an older message format, which has other fields in the same places', async () => {
    const set = await encodeBatch({ firstOffset: 0, records: [plain('a')] })
    for (const magic of [0, 1, 3]) {
      set[16] = magic
      expect(() => batchesOf(set)).toThrow(`message format ${magic}, not 2`)
    }
  })

  it('are refused with a length that no batch has, and with offsets that go back', async () => {
    const set = await encodeBatch({ firstOffset: 5, records: [plain('a')] })
    expect(codeOf(() => batchesOf(Buffer.concat([set, set])))).toBe('bad_batch')
    for (const length of [-1, 0, 48, -(2 ** 31)]) {
      set.writeInt32BE(length, 8)
      expect(codeOf(() => batchesOf(set))).toBe('bad_batch')
    }
  })

  it('are refused where one bit of a batch is another than its writer’s, with the offset', async () => {
    const whole = await encodeBatch({ firstOffset: 70, records: ['a', 'b'].map(plain) })
    for (let bit = 21 * 8; bit < whole.length * 8; bit++) {
      const set = Buffer.from(whole)
      set[bit >> 3] = (set[bit >> 3] ?? 0) ^ 1 << (bit & 7)
      expect(codeOf(() => decodeSet(set))).toBe('bad_batch')
    }
    whole[whole.length - 3] = 0
    expect(() => decodeSet(whole)).toThrow('the batch at offset 70 has not the checksum')
  })

  it('are refused where a record claims more than its batch has', async () => {
    const set = await encodeBatch({ firstOffset: 0, records: [plain('a')] })
    set.writeInt32BE(2 ** 31 - 1, 57)
    expect(codeOf(() => decodeSet(checked(set)))).toBe('batch_unreadable')
  })

  it.each([
    ['a record', 61, -1], ['a record', 61, 60], ['a key', 65, -3], ['a key', 65, 30], ['a value', 66, -2], ['a value', 66, 4],
  ])('are refused where %s (byte %i) has length %i', async (_, at, length) => {
    const set = await encodeBatch({ firstOffset: 0, records: ['abc', 'def'].map(text => ({ key: null, value: Buffer.from(text) })) })
    expect([set[65], set[66]]).toEqual([1, 6]) // no key, three bytes of value, by zigzag
    set[at] = length < 0 ? -length * 2 - 1 : length * 2
    expect(codeOf(() => decodeSet(checked(set)))).toBe('batch_unreadable')
  })

  it('of a number without end are refused', async () => {
    const set = await encodeBatch({ firstOffset: 0, records: [{ key: null, value: Buffer.alloc(50) }] })
    set.fill(0xff, 61)
    expect(codeOf(() => decodeSet(checked(set)))).toBe('batch_unreadable')
  })

  it.each(codecs)('end in that error and nothing else, with %s', async (_, compression) => {
    const set = await encodeBatch({ firstOffset: 3, compression, records: Array.from({ length: 20 }, (_each, index) => plain(`key ${index}`)) })
    const damage = fc.array(fc.tuple(fc.nat(set.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    fc.assert(fc.property(damage, fc.nat(set.length), (changes, length) => {
      const hurt = Buffer.from(set)
      for (const [at, byte] of changes) hurt[at] = byte
      expect(['none', 'bad_batch']).toContain(codeOf(() => decodeSet(hurt.subarray(0, length))))
      expect(['none', 'bad_batch', 'batch_unreadable', 'batch_too_large']).toContain(codeOf(() => decodeSet(checked(hurt))))
    }), { numRuns: 300 })
  })

  it('at random end in that error, or are no batch', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), array => {
      const set = Buffer.from(array)
      if (set.length > 16) set[16] = 2
      expect(['none', 'bad_batch']).toContain(codeOf(() => decodeSet(set)))
    }), { numRuns: 500 })
  })
})

const three = (firstOffset: number, more: Partial<TestBatch> = {}) => encodeBatch({ firstOffset, records: ['a', 'b', 'c'].map(plain), ...more })

/** Bytes in a batch's place that no compression gives back, and the checksum of what is there now. */
async function nonsense(firstOffset: number, compression: number): Promise<Buffer> {
  const set = await three(firstOffset, { compression })
  return checked(set.fill(0x55, 61))
}

describe('a batch that is as it was sent, and no records', () => {
  it.each(codecs.slice(1))('is told with its offsets and its bytes, and what stands behind it is read, with %s', async (_, compression) => {
    const [before, bad, behind] = [await single(6), await nonsense(7, compression), await single(10)]
    const [first, lost, last] = readSet(Buffer.concat([before, bad, behind]))
    expect([first?.offset, last?.offset]).toEqual([6, 10])
    expect(lost).toMatchObject({ code: 'batch_unreadable', offset: 7, next: 10, count: 3, bytes: bad })
    expect(lost instanceof UnreadableBatch && lost.message).toBe(`3 records from offset 7 on cannot be read: its compression (${compression}) is damaged or unknown`)
  })

  it('is told as one that comes to too much, where that is so', async () => {
    const bad = await three(0, { compression: ZSTD })
    const bomb = zstdCompressSync(Buffer.alloc(MAX_DECOMPRESSED_BYTES + 1))
    const set = Buffer.concat([bad.subarray(0, 61), bomb])
    set.writeInt32BE(set.length - 12, 8)
    expect(readSet(checked(set))).toMatchObject([{ code: 'batch_too_large', offset: 0, count: 3 }])
  })

  it('loses nothing that stands before the record where it goes wrong', async () => {
    const set = await three(20)
    set[set.indexOf('value of b') - 1] = 0x7e // its length
    const read = readSet(Buffer.concat([checked(set), await single(23)]))
    expect(read.map(({ offset }) => offset)).toEqual([20, 21, 23])
    expect(read[1]).toMatchObject({ code: 'batch_unreadable', count: 2, next: 23 })
  })

  it.each([
    ['more headers than it has', '04'], ['less than no headers', '01'], ['a header without a name', '0201'], ['a value that ends outside', '02026108'],
    ['bytes behind its headers', '0000'],
  ])('may be so for %s in a record, before anybody asks for them', async (_, headers) => {
    const whole = await encodeBatch({ firstOffset: 3, records: [{ key: null, value: Buffer.from('v') }] })
    const grown = Buffer.concat([whole.subarray(0, -1), Buffer.from(headers, 'hex')])
    grown.writeInt32BE(grown.length - 12, 8)
    grown[61] = (grown.length - 62) * 2
    expect(readSet(checked(grown))).toMatchObject([{ code: 'batch_unreadable', offset: 3, count: 1 }])
  })

  it('claims no more records than there are offsets, and from an offset on no more than lie there', async () => {
    const bad = await nonsense(5, GZIP)
    bad.writeInt32BE(2 ** 31 - 1, 57)
    const [lost] = readSet(checked(bad))
    if (!(lost instanceof UnreadableBatch)) throw new Error('it was read')
    expect([lost.count, lost.countFrom(0), lost.countFrom(6), lost.countFrom(8), lost.countFrom(99)]).toEqual([3, 3, 2, 0, 0])
  })

  it('loses no record in the count where its offsets go back', async () => {
    const set = await encodeBatch({ firstOffset: 10, records: ['a', 'b', 'c', 'd', 'e'].map((key, index) => ({ ...plain(key), offsetDelta: index === 0 ? 3 : index })), lastOffsetDelta: 4 })
    expect(readSet(set)).toMatchObject([{ offset: 13 }, { offset: 14, count: 4, next: 15 }])
  })

  it('is not looked at where nothing of it is wanted', async () => {
    const set = Buffer.concat([await nonsense(0, GZIP), await single(3), await nonsense(4, GZIP)])
    expect(readSet(set, { from: 3, end: 4 }).map(({ offset }) => offset)).toEqual([3])
    const behindGap = Buffer.concat([await single(3), await nonsense(6, GZIP)])
    expect(readSet(behindGap, { from: 3, end: 6 }).map(({ offset }) => offset)).toEqual([3])
  })

  it('and all others are read to the last record, whatever was done to them', async () => {
    const good = await three(20)
    for (const [, compression] of codecs) {
      const whole = await encodeBatch({ firstOffset: 10, compression, records: Array.from({ length: 10 }, (_, index) => plain(`key ${index}`)) })
      fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 61, max: whole.length - 1 }), fc.nat(255)), { maxLength: 4 }), changes => {
        const hurt = Buffer.from(whole)
        for (const [at, byte] of changes) hurt[at] = byte
        const read = readSet(Buffer.concat([checked(hurt), good]))
        expect(read.slice(-3).map(({ offset }) => offset)).toEqual([20, 21, 22])
        expect(read.slice(0, -3).reduce((sum, each) => sum + (each instanceof UnreadableBatch ? each.count : 1), 0)).toBe(10)
      }), { numRuns: 100 })
    }
  })
})
