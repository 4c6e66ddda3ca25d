import { createDeflateRaw, constants, type DeflateRaw } from 'node:zlib'
import { crc32 } from '@node-rs/crc32'
import { combinedCrc } from './crc-combine.ts'
import type { Stretch, TextSink } from './text-sink.ts'

/** A stretch of a page, compressed: raw deflate blocks up to a full byte, none of them the last (RFC 1951, and zlib's Z_FULL_FLUSH). */
export interface Deflated extends Stretch {
  /** Of what was compressed: CRC-32 and bytes. */
  crc: number
  length: number
}

/** Magic, deflate, nothing else known (RFC 1952). */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
/** The last block, with nothing in it. */
const LAST_BLOCK = Buffer.from([3, 0])
/** Chunks on their way to the compressor; more would only lie in memory. */
const MOST_PENDING = 4

/** Compresses text while it is written, in another thread, and gives its memory back to be written again. */
export class DeflateSink implements TextSink<Deflated> {
  // All that is served repeats itself so much that the fastest level leaves little to gain.
  readonly #deflate: DeflateRaw = createDeflateRaw({ level: constants.Z_BEST_SPEED, finishFlush: constants.Z_FULL_FLUSH })
  readonly #chunks: Buffer[] = []
  readonly #free: Buffer[] = []
  readonly #ended: Promise<void>
  #crc = 0
  #length = 0
  #pending = 0
  #wake = () => {}

  constructor() {
    this.#ended = new Promise((resolve, reject) => { this.#deflate.once('end', resolve).once('error', reject) })
    this.#ended.catch(() => {}) // told where it is awaited
    this.#deflate.on('data', (chunk: Buffer) => { this.#chunks.push(chunk) })
  }

  buffer(atLeast: number): Buffer {
    const free = this.#free.pop()
    return free !== undefined && free.length >= atLeast ? free : Buffer.allocUnsafeSlow(atLeast)
  }

  add(chunk: Buffer): void {
    this.#crc = crc32(chunk, this.#crc)
    this.#length += chunk.length
    this.#pending++
    this.#deflate.write(chunk, () => {
      this.#pending--
      if (this.#free.length < MOST_PENDING) this.#free.push(Buffer.from(chunk.buffer))
      this.#wake()
    })
  }

  /** Rejects when the compressor failed. */
  async room(): Promise<void> {
    while (this.#pending > MOST_PENDING) await Promise.race([this.#ended, new Promise<void>(resolve => { this.#wake = resolve })])
  }

  async end(): Promise<Deflated> {
    this.#deflate.end()
    await this.#ended
    return { chunks: this.#chunks, crc: this.#crc, length: this.#length }
  }
}

/** Stretches of a page, one behind the other, as one gzip member. */
export function gzipOf(parts: readonly Deflated[]): Buffer[] {
  let [crc, length] = [0, 0]
  for (const part of parts) {
    crc = combinedCrc(crc, part)
    length += part.length
  }
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc >>> 0, 0)
  trailer.writeUInt32LE(length % 2 ** 32, 4)
  return [HEADER, ...parts.flatMap(({ chunks }) => chunks), LAST_BLOCK, trailer]
}
