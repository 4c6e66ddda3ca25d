import { WireFault } from './wire-fault.ts'

/** One field of a protobuf message: a number for varint and fixed32, bytes for what has a length. Fixed64 and groups are skipped over. */
export type Field = { number: number; value: number; bytes?: undefined } | { number: number; value?: undefined; bytes: Buffer }

const wireTypes = { VARINT: 0, FIXED64: 1, BYTES: 2, FIXED32: 5 } as const
const MAX_VARINT_BYTES = 10

/**
 * The fields of a protobuf message in their order (the encoding's specification: "Message Structure"). A varint beyond 2^53 loses its low
 * bits. Throws a WireFault `dnstap`. Reads nothing but what is there, and each byte once: a length is never trusted beyond the buffer.
 */
export function* fieldsOf(message: Buffer): Generator<Field, void, undefined> {
  const reader = new ProtobufReader(message)
  while (reader.left > 0) {
    const tag = reader.varint()
    const [number, type] = [Math.floor(tag / 8), tag % 8]
    if (type === wireTypes.VARINT) yield { number, value: reader.varint() }
    else if (type === wireTypes.BYTES) yield { number, bytes: reader.bytes(reader.varint()) }
    else if (type === wireTypes.FIXED32) yield { number, value: reader.bytes(4).readUInt32LE(0) }
    else if (type === wireTypes.FIXED64) reader.bytes(8)
    else throw new WireFault('dnstap', `field ${number} has the wire type ${type}, which dnstap does not use`)
  }
}

class ProtobufReader {
  readonly #message: Buffer
  #at = 0

  constructor(message: Buffer) {
    this.#message = message
  }

  get left(): number {
    return this.#message.length - this.#at
  }

  varint(): number {
    let value = 0
    for (let index = 0; index < MAX_VARINT_BYTES; index++) {
      const byte = this.#message[this.#at++]
      if (byte === undefined) throw new WireFault('dnstap', 'a varint is cut off')
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) return value
    }
    throw new WireFault('dnstap', `a varint has more than ${MAX_VARINT_BYTES} bytes`)
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new WireFault('dnstap', `a field has ${length} bytes, and ${this.left} are left`)
    this.#at += length
    return this.#message.subarray(this.#at - length, this.#at)
  }
}
