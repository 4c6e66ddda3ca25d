import { WireFault } from './wire-fault.ts'

/** Control frames of Frame Streams, numbered as `fstrm/control.h` of the fstrm library numbers them. */
export const controlTypes = { ACCEPT: 1, START: 2, STOP: 3, READY: 4, FINISH: 5 } as const
export type ControlType = keyof typeof controlTypes

export interface ControlFrame {
  type: ControlType
  contentTypes: readonly string[]
}

/** What dnstap calls itself in a Frame Streams handshake. */
export const DNSTAP_CONTENT_TYPE = 'protobuf:dnstap.Dnstap'
/** `FSTRM_CONTROL_FRAME_LENGTH_MAX` and `FSTRM_CONTROL_FIELD_CONTENT_TYPE_LENGTH_MAX`. */
export const MAX_CONTROL_BYTES = 512
const MAX_CONTENT_TYPE_BYTES = 256
const CONTENT_TYPE_FIELD = 1

const nameOfType = new Map<number, ControlType>(Object.entries(controlTypes).map(([name, type]) => [type, name as ControlType]))

/** Reads a control frame's payload: `u32 type, (u32 field, u32 length, bytes)*`, big-endian. Throws a WireFault `control_frame`. */
export function decodeControlFrame(payload: Buffer): ControlFrame {
  if (payload.length < 4) throw new WireFault('control_frame', `a control frame has ${payload.length} bytes, the least is 4`)
  const type = nameOfType.get(payload.readUInt32BE(0))
  if (type === undefined) throw new WireFault('control_frame', `a control frame is of the unknown type ${payload.readUInt32BE(0)}`)
  const contentTypes: string[] = []
  for (let at = 4; at < payload.length;) {
    if (at + 8 > payload.length) throw new WireFault('control_frame', `a field of ${type} is cut off`)
    const [field, length] = [payload.readUInt32BE(at), payload.readUInt32BE(at + 4)]
    at += 8 + length
    if (field !== CONTENT_TYPE_FIELD) throw new WireFault('control_frame', `${type} has the unknown field ${field}`)
    if (length > MAX_CONTENT_TYPE_BYTES || at > payload.length) throw new WireFault('control_frame', `a content type has ${length} bytes`)
    contentTypes.push(payload.toString('latin1', at - length, at))
  }
  return { type, contentTypes }
}

/** A whole control frame, its escape and length included. */
export function encodeControlFrame({ type, contentTypes }: ControlFrame): Buffer {
  const fields = contentTypes.flatMap(text => [words(CONTENT_TYPE_FIELD, Buffer.byteLength(text, 'latin1')), Buffer.from(text, 'latin1')])
  const payload = Buffer.concat([words(controlTypes[type]), ...fields])
  return Buffer.concat([words(0, payload.length), payload])
}

/** Numbers as big-endian u32. */
export function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, index * 4)
  return bytes
}
