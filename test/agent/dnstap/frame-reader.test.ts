import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { words } from '../../../src/agent/dnstap/control-frame.ts'
import { FrameReader, type Frame } from '../../../src/agent/dnstap/frame-reader.ts'
import { outcomeOf } from '../dns/faults.ts'
import { controlFrame, dataFrame } from '../dns/wire.ts'

const MOST = 1_000

function read(reader: FrameReader, chunks: readonly Buffer[]): Frame[] {
  return chunks.flatMap(chunk => [...reader.push(chunk)])
}

/** The bytes in pieces of these sizes, over and over. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

describe('a stream of frames', () => {
  it('gives the same frames however it is cut', () => {
    const payload = fc.uint8Array({ minLength: 1, maxLength: 60 }).map(bytes => Buffer.from(bytes))
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 })
    fc.assert(fc.property(fc.array(payload, { maxLength: 8 }), sizes, (payloads, pieces) => {
      const bytes = Buffer.concat([controlFrame('START'), ...payloads.map(dataFrame), controlFrame('STOP', [])])
      const frames = read(new FrameReader(MOST), cut(bytes, pieces))
      expect(frames.at(0)).toMatchObject({ kind: 'control', control: { type: 'START', contentTypes: ['protobuf:dnstap.Dnstap'] } })
      expect(frames.at(-1)).toEqual({ kind: 'control', control: { type: 'STOP', contentTypes: [] } })
      expect(frames.slice(1, -1).map(frame => frame.kind === 'data' && frame.payload.toString('hex')))
        .toEqual(payloads.map(each => each.toString('hex')))
    }))
  })

  it('is given up at a frame above the limit, before its bytes have come', () => {
    const reader = new FrameReader(MOST)
    expect(() => read(reader, [words(MOST + 1)])).toThrow(expect.objectContaining({ code: 'frame_too_large' }))
    expect(read(new FrameReader(MOST), [dataFrame(Buffer.alloc(MOST))])).toHaveLength(1)
  })

  it.each([
    ['longer than any can be', words(0, 513)],
    ['of an unknown type', words(0, 4, 9)],
    ['without a type', Buffer.concat([words(0, 2), Buffer.alloc(2)])],
    ['with an unknown field', words(0, 12, 2, 7, 0)],
    ['with a field that is cut off', words(0, 8, 2, 1)],
    ['with a content type that is longer than it', words(0, 12, 2, 1, 40)],
  ])('is given up at a control frame %s', (_, bytes) => {
    expect(() => read(new FrameReader(MOST), [bytes])).toThrow(expect.objectContaining({ code: 'control_frame' }))
  })

  it('of any bytes at all gives frames or a fault, and nothing else', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), chunks => {
      const outcome = outcomeOf(() => read(new FrameReader(MOST), chunks.map(chunk => Buffer.from(chunk))))
      expect(['read', 'frame_too_large', 'control_frame']).toContain(outcome)
    }), { numRuns: 2_000 })
  })
})
