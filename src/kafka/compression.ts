import zlib from 'node:zlib' // by name, zstd would keep an older Node from saying that it is too old
import kafkajs from 'kafkajs' // CommonJS: Node finds CompressionCodecs on the default export only
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import snappy from 'snappyjs'

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_BYTES = 16

/** A batch may come to this when it is decompressed, in bytes: a hundred times what its topic takes by default. */
export const MAX_DECOMPRESSED_BYTES = 134_217_728
const bounded = { maxOutputLength: MAX_DECOMPRESSED_BYTES }

/** Teaches kafkajs, for the whole process, the three compressions that it knows only by number. gzip it has. */
export function registerCompression(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  CompressionCodecs[CompressionTypes.Snappy] = () => codec(encoder => Buffer.from(snappy.compress(encoder)), snappyDecompress)
  CompressionCodecs[CompressionTypes.LZ4] = () => codec(compressFrameSync, decompressFrameSync)
  CompressionCodecs[CompressionTypes.ZSTD] = () => codec(bytes => zlib.zstdCompressSync(bytes), bytes => zlib.zstdDecompressSync(bytes))
}

interface Encoder {
  buffer: Buffer
}

/**
 * Decompresses the records of a batch. `type`: the lowest three bits of its attributes. Throws on bytes that are damaged or come to more
 * than {@link MAX_DECOMPRESSED_BYTES} (LZ4 makes at most 255 of one, and is not asked), and if unknown.
 */
export function decompress(type: number, bytes: Buffer): Buffer {
  const decompressor = decompressors[type]
  if (decompressor === undefined) throw new Error(`there is no compression ${type}`)
  return decompressor(bytes)
}

const decompressors: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  [kafkajs.CompressionTypes.None]: bytes => bytes,
  [kafkajs.CompressionTypes.GZIP]: bytes => zlib.gunzipSync(bytes, bounded),
  [kafkajs.CompressionTypes.Snappy]: bytes => snappyDecompress(bytes),
  [kafkajs.CompressionTypes.LZ4]: decompressFrameSync,
  [kafkajs.CompressionTypes.ZSTD]: bytes => zlib.zstdDecompressSync(bytes, bounded),
}

function codec(smaller: (bytes: Buffer) => Buffer, asItWas: (bytes: Buffer) => Buffer) {
  return {
    compress: async (encoder: Encoder) => smaller(encoder.buffer),
    decompress: async (bytes: Buffer) => asItWas(bytes),
  }
}

/** Kafka's snappy: xerial's framing (magic, two versions, then blocks behind their big-endian lengths) from Java, or one raw block. */
function snappyDecompress(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return Buffer.from(snappy.uncompress(bytes, MAX_DECOMPRESSED_BYTES))
  const blocks: Buffer[] = []
  let left = MAX_DECOMPRESSED_BYTES
  for (let at = XERIAL_HEADER_BYTES; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    at += 4
    if (at + length > bytes.length) throw new Error('snappy block ends outside its record batch: the batch is damaged, fetch it again')
    const block = Buffer.from(snappy.uncompress(bytes.subarray(at, at + length), left))
    left -= block.length
    blocks.push(block)
    at += length
  }
  return Buffer.concat(blocks)
}
