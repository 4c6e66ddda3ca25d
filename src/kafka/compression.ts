import zlib from 'node:zlib' // by name, zstd would keep an older Node from saying that it is too old
import kafkajs from 'kafkajs' // CommonJS: Node finds CompressionCodecs on the default export only
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import snappy from 'snappyjs'
import { lz4Size, snappySize } from './decompressed-size.ts'

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_BYTES = 16

/** A batch may come to this when it is decompressed, in bytes: a hundred times what its topic takes by default. */
export const MAX_DECOMPRESSED_BYTES = 134_217_728
const bounded = { maxOutputLength: MAX_DECOMPRESSED_BYTES }

/** What was compressed is more than {@link MAX_DECOMPRESSED_BYTES}. */
export class TooMuchError extends Error {
  override readonly name = 'TooMuchError'

  constructor(options?: ErrorOptions) {
    super(`it comes to more than ${MAX_DECOMPRESSED_BYTES} bytes when it is decompressed`, options)
  }
}

/** Teaches kafkajs, for the whole process, the three compressions that it knows only by number. gzip it has. */
export function registerCompression(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  CompressionCodecs[CompressionTypes.Snappy] = () => codec(encoder => Buffer.from(snappy.compress(encoder)), snappyDecompress)
  CompressionCodecs[CompressionTypes.LZ4] = () => codec(compressFrameSync, lz4Decompress)
  CompressionCodecs[CompressionTypes.ZSTD] = () => codec(bytes => zlib.zstdCompressSync(bytes), bytes => zlib.zstdDecompressSync(bytes))
}

interface Encoder {
  buffer: Buffer
}

/**
 * Decompresses the records of a batch. `type`: the lowest three bits of its attributes. Throws a {@link TooMuchError} before more memory is
 * had, and whatever error on bytes that are damaged or of an unknown compression.
 */
export function decompress(type: number, bytes: Buffer): Buffer {
  const decompressor = decompressors[type]
  if (decompressor === undefined) throw new Error(`there is no compression ${type}`)
  try {
    return decompressor(bytes)
  } catch (cause) {
    throw (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? new TooMuchError({ cause }) : cause // zlib's
  }
}

const decompressors: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  [kafkajs.CompressionTypes.None]: bytes => bytes,
  [kafkajs.CompressionTypes.GZIP]: bytes => zlib.gunzipSync(bytes, bounded),
  [kafkajs.CompressionTypes.Snappy]: bytes => snappyDecompress(bytes),
  [kafkajs.CompressionTypes.LZ4]: lz4Decompress,
  [kafkajs.CompressionTypes.ZSTD]: bytes => zlib.zstdDecompressSync(bytes, bounded),
}

function codec(smaller: (bytes: Buffer) => Buffer, asItWas: (bytes: Buffer) => Buffer) {
  return {
    compress: async (encoder: Encoder) => smaller(encoder.buffer),
    decompress: async (bytes: Buffer) => asItWas(bytes),
  }
}

function lz4Decompress(bytes: Buffer): Buffer {
  if (lz4Size(bytes) > MAX_DECOMPRESSED_BYTES) throw new TooMuchError()
  return decompressFrameSync(bytes)
}

/** Kafka's snappy: xerial's framing (magic, two versions, then blocks behind their big-endian lengths) from Java, or one raw block. */
function snappyDecompress(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return snappyBlock(bytes, MAX_DECOMPRESSED_BYTES)
  const blocks: Buffer[] = []
  let left = MAX_DECOMPRESSED_BYTES
  for (let at = XERIAL_HEADER_BYTES; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    at += 4
    if (at + length > bytes.length) throw new Error('snappy block ends outside its record batch: the batch is damaged, fetch it again')
    const block = snappyBlock(bytes.subarray(at, at + length), left)
    left -= block.length
    blocks.push(block)
    at += length
  }
  return Buffer.concat(blocks)
}

function snappyBlock(bytes: Buffer, most: number): Buffer {
  if (snappySize(bytes) > most) throw new TooMuchError()
  return Buffer.from(snappy.uncompress(bytes, most))
}
