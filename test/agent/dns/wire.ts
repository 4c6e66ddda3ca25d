import { type controlTypes, DNSTAP_CONTENT_TYPE, encodeControlFrame, words } from '../../../src/agent/dnstap/control-frame.ts'

/** Dnstap and DNS bytes for tests, put together apart from the code that reads them. */

export const types = { A: 1, CNAME: 5, SOA: 6, TXT: 16, AAAA: 28, SRV: 33, OPT: 41, ANY: 255 } as const
export const classes = { IN: 1, NONE: 254, ANY: 255 } as const

export interface RecordBytes {
  name: string
  type: number
  class?: number
  ttl?: number
  data?: Buffer
}

export interface MessageBytes {
  id?: number
  response?: boolean
  opcode?: number
  truncated?: boolean
  rcode?: number
  questions?: { name: string; type: number }[]
  answers?: RecordBytes[]
  authorities?: RecordBytes[]
  additionals?: RecordBytes[]
}

export function dns(message: MessageBytes): Buffer {
  const { id = 1, response = false, opcode = 0, truncated = false, rcode = 0 } = message
  const { questions = [], answers = [], authorities = [], additionals = [] } = message
  const flags = (response ? 0x8000 : 0) + (opcode << 11) + (truncated ? 0x0200 : 0) + rcode
  return Buffer.concat([
    u16(id, flags, questions.length, answers.length, authorities.length, additionals.length),
    ...questions.map(({ name, type }) => Buffer.concat([nameBytes(name), u16(type, classes.IN)])),
    ...[...answers, ...authorities, ...additionals].map(recordBytes),
  ])
}

function recordBytes({ name, type, class: recordClass = classes.IN, ttl = 5, data = Buffer.alloc(0) }: RecordBytes): Buffer {
  return Buffer.concat([nameBytes(name), u16(type, recordClass), words(ttl), u16(data.length), data])
}

/** Labels of plain characters; `.` or nothing is the root. */
export function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter(label => label !== '')
  return Buffer.concat([...labels.map(label => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])), Buffer.from([0])])
}

export function a(name: string, address: string, more: Partial<RecordBytes> = {}): RecordBytes {
  return { name, type: types.A, data: Buffer.from(address.split('.').map(Number)), ...more }
}

export function aaaa(name: string, hex: string): RecordBytes {
  return { name, type: types.AAAA, data: Buffer.from(hex, 'hex') }
}

export function srv(name: string, target: string, port: number): RecordBytes {
  return { name, type: types.SRV, data: Buffer.concat([u16(0, 0, port), nameBytes(target)]) }
}

export function u16(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 2)
  for (const [index, number] of numbers.entries()) bytes.writeUInt16BE(number, index * 2)
  return bytes
}

export interface TapBytes {
  /** dnstap.proto's number: 5 is CLIENT_QUERY, 6 CLIENT_RESPONSE, 13 UPDATE_QUERY, 14 UPDATE_RESPONSE. */
  type: number
  identity?: string
  client?: Buffer
  port?: number
  /** Milliseconds since the epoch. */
  queryTime?: number
  responseTime?: number
  query?: Buffer
  response?: Buffer
}

/** A data frame's payload. */
export function tap({ type, identity, client = Buffer.from([127, 0, 0, 2]), port = 40_000, ...rest }: TapBytes): Buffer {
  const { queryTime, responseTime, query, response } = rest
  const message = Buffer.concat([
    varintField(1, type), varintField(2, 1), varintField(3, 1), bytesField(4, client), varintField(6, port),
    ...(queryTime === undefined ? [] : time(8, queryTime)), ...(query === undefined ? [] : [bytesField(10, query)]),
    ...(responseTime === undefined ? [] : time(12, responseTime)), ...(response === undefined ? [] : [bytesField(14, response)]),
  ])
  return Buffer.concat([...(identity === undefined ? [] : [bytesField(1, Buffer.from(identity))]), bytesField(14, message), varintField(15, 1)])
}

function time(field: number, ms: number): Buffer[] {
  const nanos = Buffer.alloc(4)
  nanos.writeUInt32LE(Math.round((ms % 1_000) * 1_000_000))
  return [varintField(field, Math.floor(ms / 1_000)), Buffer.concat([varint((field + 1) * 8 + 5), nanos])]
}

export function varintField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)])
}

export function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes])
}

export function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest])
}

export function dataFrame(payload: Buffer): Buffer {
  return Buffer.concat([words(payload.length), payload])
}

export function controlFrame(type: keyof typeof controlTypes, contentTypes: readonly string[] = [DNSTAP_CONTENT_TYPE]): Buffer {
  return encodeControlFrame({ type, contentTypes })
}
