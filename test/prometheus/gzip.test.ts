import { gunzipSync } from 'node:zlib'
import { crc32 } from '@node-rs/crc32'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combinedCrc } from '../../src/prometheus/crc-combine.ts'
import { DeflateSink, gzipOf } from '../../src/prometheus/gzip.ts'

const bytes = fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array))

/** Written as a renderer writes: into a buffer that it was given. */
function put(sink: DeflateSink, chunk: Buffer): void {
  const buffer = sink.buffer(Math.max(64, chunk.length))
  chunk.copy(buffer)
  sink.add(buffer.subarray(0, chunk.length))
}

describe('two checksums', () => {
  it('give that of the bytes of both, one behind the other', () => {
    fc.assert(fc.property(bytes, bytes, (first, second) => {
      expect(combinedCrc(crc32(first), { crc: crc32(second), length: second.length })).toBe(crc32(Buffer.concat([first, second])))
    }))
  })
})

describe('stretches that are compressed side by side', () => {
  it('are one gzip member of what was written, in their order', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.array(bytes, { maxLength: 12 }), { maxLength: 4 }), async stretches => {
      const sinks = stretches.map(() => new DeflateSink())
      const most = Math.max(0, ...stretches.map(({ length }) => length))
      for (let index = 0; index < most; index++) {
        for (const [number, stretch] of stretches.entries()) {
          const [sink, chunk] = [sinks[number], stretch[index]]
          if (sink === undefined || chunk === undefined) continue
          put(sink, chunk)
          await sink.room()
        }
      }
      const page = Buffer.concat(gzipOf(await Promise.all(sinks.map(sink => sink.end()))))
      expect(gunzipSync(page).equals(Buffer.concat(stretches.flat()))).toBe(true)
    }), { numRuns: 50 })
  })

  it('take the memory again that has been compressed, and no more than a few chunks at a time', async () => {
    const sink = new DeflateSink()
    const used = new Set<ArrayBufferLike>()
    for (let chunk = 0; chunk < 100; chunk++) {
      const buffer = sink.buffer(65_536)
      used.add(buffer.buffer)
      buffer.fill(chunk)
      sink.add(buffer)
      await sink.room()
    }
    const page = gunzipSync(Buffer.concat(gzipOf([await sink.end()])))
    expect(page.length).toBe(6_553_600)
    expect([...Array(100).keys()].map(chunk => page[chunk * 65_536])).toEqual([...Array(100).keys()])
    expect(used.size).toBeLessThan(12)
  })
})
