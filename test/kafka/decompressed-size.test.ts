import * as fc from 'fast-check'
import { compressFrameSync } from 'lz4-napi'
import snappy from 'snappyjs'
import { describe, expect, it } from 'vitest'
import { lz4Size, snappySize } from '../../src/kafka/decompressed-size.ts'

/** Pieces that can be made smaller, and such that cannot. */
const contents = fc.array(fc.oneof(
  fc.uint8Array({ maxLength: 3_000 }), fc.tuple(fc.nat(255), fc.nat(200_000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
), { maxLength: 6 }).map(pieces => Buffer.concat(pieces))
const LARGEST_BLOCK = 4_194_304

describe('what a batch comes to is told from its bytes alone', () => {
  it('for snappy', () => {
    fc.assert(fc.property(contents, bytes => { expect(snappySize(Buffer.from(snappy.compress(bytes)))).toBe(bytes.length) }), { numRuns: 30 })
  })

  it('for LZ4, a block more at most, with checksums or without', () => {
    fc.assert(fc.property(contents, fc.boolean(), fc.boolean(), (bytes, blockChecksums, contentChecksum) => {
      const size = lz4Size(compressFrameSync(bytes, { blockChecksums, contentChecksum }))
      expect(size).toBeGreaterThanOrEqual(bytes.length)
      expect(size).toBeLessThan(bytes.length + LARGEST_BLOCK)
    }), { numRuns: 30 })
  })

  it('and not guessed where they do not say', () => {
    const frame = compressFrameSync(Buffer.alloc(100_000, 'discovery '))
    for (const cut of [0, 3, 6, 8, frame.length - 4, frame.length - 1]) expect(() => lz4Size(frame.subarray(0, cut))).toThrow(/LZ4 frame/)
    for (const hex of ['', 'ff', 'ffffffffff', 'ffffffffff01']) expect(() => snappySize(Buffer.from(hex, 'hex'))).toThrow('no length of a snappy block')
  })
})
