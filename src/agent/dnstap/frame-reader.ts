import { decodeControlFrame, MAX_CONTROL_BYTES, type ControlFrame } from './control-frame.ts'
import { WireFault } from './wire-fault.ts'

export type Frame = { kind: 'data'; payload: Buffer } | { kind: 'control'; control: ControlFrame }

/**
 * Cuts a byte stream into the frames of Frame Streams: `u32 length, payload` for data, and `u32 0, u32 length, payload` for control, all
 * big-endian. Holds at most one frame beside the chunk that was pushed; however small the chunks, no byte is copied more than three times.
 */
export class FrameReader {
  readonly #maxFrameBytes: number
  #chunks: Buffer[] = []
  #held = 0
  /** Bytes without which nothing can be read. */
  #needed = 4

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  /** The frames that are complete with this chunk. Throws a WireFault at the first that cannot be; what follows it cannot be found. */
  *push(chunk: Buffer): Generator<Frame, void, undefined> {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#needed) return
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    for (let length = this.#lengthOf(rest); length <= rest.length; length = this.#lengthOf(rest)) {
      yield frameIn(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#held = rest.length
  }

  /** Bytes of the first frame, header included, as far as they can be told: more than there are, if it is not complete. */
  #lengthOf(bytes: Buffer): number {
    this.#needed = this.#known(bytes)
    return this.#needed
  }

  #known(bytes: Buffer): number {
    if (bytes.length < 4) return 4
    const length = bytes.readUInt32BE(0)
    if (length > this.#maxFrameBytes) throw tooLarge(length, this.#maxFrameBytes)
    if (length > 0) return 4 + length
    if (bytes.length < 8) return 8
    const control = bytes.readUInt32BE(4)
    if (control > MAX_CONTROL_BYTES) throw new WireFault('control_frame', `a control frame has ${control} bytes, the most is ${MAX_CONTROL_BYTES}`)
    return 8 + control
  }
}

function frameIn(bytes: Buffer): Frame {
  if (bytes.readUInt32BE(0) > 0) return { kind: 'data', payload: bytes.subarray(4) }
  return { kind: 'control', control: decodeControlFrame(bytes.subarray(8)) }
}

function tooLarge(length: number, most: number): WireFault {
  return new WireFault('frame_too_large', `a frame has ${length} bytes, the most is ${most}: is the sender no dnstap, or too little allowed?`)
}
