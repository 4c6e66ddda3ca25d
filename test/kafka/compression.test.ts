import { randomBytes } from 'node:crypto'
import zlib from 'node:zlib'
import kafkajs from 'kafkajs'
import { compressFrameSync } from 'lz4-napi'
import snappy from 'snappyjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { decompress, MAX_DECOMPRESSED_BYTES, registerCompression, TooMuchError } from '../../src/kafka/compression.ts'

const types = kafkajs.CompressionTypes
/** Several blocks of any compression, half of them such as cannot be made smaller. */
const large = Buffer.concat([Buffer.alloc(150_000, 'discovery '), randomBytes(150_000)])

const MEBIBYTE = 1_048_576
const tooMuch = () => Buffer.alloc(MAX_DECOMPRESSED_BYTES + 1)

interface Codec {
  compress: (encoder: { buffer: Buffer }) => Promise<Buffer>
  decompress: (bytes: Buffer) => Promise<Buffer>
}

function codecOf(type: number): Codec {
  const codec = (kafkajs.CompressionCodecs as Record<number, () => Codec>)[type]
  if (codec === undefined) throw new Error(`kafkajs knows no compression ${type}`)
  return codec()
}

/** Snappy as Java writes it: magic, two versions, then blocks behind their lengths. */
function xerial(bytes: Buffer, blockBytes = 32_768): Buffer {
  const parts = [Buffer.from('82534e41505059000000000100000001', 'hex')]
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = Buffer.from(snappy.compress(bytes.subarray(at, at + blockBytes)))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

beforeAll(() => { registerCompression() })

describe('a record batch', () => {
  it.each([['Snappy', types.Snappy], ['LZ4', types.LZ4], ['ZSTD', types.ZSTD]])('in %s comes back as it was', async (_, type) => {
    for (const bytes of [large, Buffer.from('x')]) {
      const compressed = await codecOf(type).compress({ buffer: bytes })
      expect((await codecOf(type).decompress(compressed)).equals(bytes)).toBe(true)
    }
  })

  it('in Java’s framing of Snappy is all its blocks', async () => {
    expect((await codecOf(types.Snappy).decompress(xerial(large))).equals(large)).toBe(true)
  })

  it('in Java’s framing of Snappy that ends within a block is refused, and not taken for shorter', async () => {
    const bytes = xerial(large)
    await expect(codecOf(types.Snappy).decompress(bytes.subarray(0, -10))).rejects.toThrow('snappy block ends outside its record batch')
  })

  it.each<[string, number, () => Buffer]>([
    ['gzip', types.GZIP, () => zlib.gzipSync(tooMuch(), { level: 1 })],
    ['Snappy', types.Snappy, () => xerial(tooMuch(), 8 * MEBIBYTE)],
    ['a raw block of Snappy that says 4 GiB', types.Snappy, () => Buffer.from('ffffffff0f0000000000', 'hex')],
    ['a raw block of Snappy that says 2 GiB, which snappyjs takes for less than none', types.Snappy, () => Buffer.from('80808080080000000000', 'hex')],
    ['LZ4', types.LZ4, () => compressFrameSync(tooMuch())],
    ['ZSTD', types.ZSTD, () => zlib.zstdCompressSync(tooMuch())],
  ])('that comes to more than 128 MiB is refused before that much memory is had: %s', (_, type, bomb) => {
    const compressed = bomb()
    const { arrayBuffers } = process.memoryUsage()
    expect(() => decompress(type, compressed)).toThrow(new TooMuchError())
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(1.5 * MAX_DECOMPRESSED_BYTES)
  })

  it('that comes to just 128 MiB is read', () => {
    expect(decompress(types.ZSTD, zlib.zstdCompressSync(Buffer.alloc(MAX_DECOMPRESSED_BYTES))).length).toBe(MAX_DECOMPRESSED_BYTES)
  })

  it.each([['Snappy', types.Snappy], ['LZ4', types.LZ4], ['ZSTD', types.ZSTD]])('that is no %s is refused', async (_, type) => {
    await expect(codecOf(type).decompress(Buffer.from('this was never compressed'))).rejects.toBeInstanceOf(Error)
  })
})
