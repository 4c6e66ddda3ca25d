// What bytes can come to when they are decompressed, as they say themselves: two decompressors of ours take no bound that holds.

/** LZ4 Frame Format 1.6.4: a magic number, flags, the largest block, then blocks behind their lengths up to one of length 0. */
const LZ4_MAGIC = 0x184d2204
const LZ4_BLOCKS_AT = 7
const [HAS_BLOCK_CHECKSUMS, HAS_SIZE, HAS_DICTIONARY] = [0x10, 0x08, 0x01]
const NOT_COMPRESSED = 0x8000_0000
/** A byte of a compressed block stands for at most so many. */
const LZ4_HIGHEST_RATIO = 255
const LZ4_LARGEST_BLOCKS: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 }

/** What an LZ4 frame comes to at most, in bytes: a block that says nothing of it is taken for a full one. Throws if it is none. */
export function lz4Size(bytes: Buffer): number {
  if (bytes.length < LZ4_BLOCKS_AT || bytes.readUInt32LE(0) !== LZ4_MAGIC) throw new Error('no LZ4 frame')
  const flags = bytes.readUInt8(4)
  const largest = LZ4_LARGEST_BLOCKS[bytes.readUInt8(5) >> 4 & 7] ?? 0
  const behind = flags & HAS_BLOCK_CHECKSUMS ? 4 : 0
  let at = LZ4_BLOCKS_AT + (flags & HAS_SIZE ? 8 : 0) + (flags & HAS_DICTIONARY ? 4 : 0)
  for (let size = 0; ;) {
    if (at + 4 > bytes.length) throw new Error('the LZ4 frame has no end')
    const said = bytes.readUInt32LE(at)
    if (said === 0) return size
    const length = said % NOT_COMPRESSED
    size += Math.min(largest, said >= NOT_COMPRESSED ? length : length * LZ4_HIGHEST_RATIO)
    at += 4 + length + behind
  }
}

/** What a block of snappy says that it comes to: a varint, least significant seven bits first. snappyjs 0.7.0 takes the half of them for negative. */
export function snappySize(bytes: Buffer): number {
  let size = 0
  for (let at = 0; at < 5; at++) {
    const byte = bytes[at]
    if (byte === undefined) break
    size += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return size
  }
  throw new Error('no length of a snappy block')
}
