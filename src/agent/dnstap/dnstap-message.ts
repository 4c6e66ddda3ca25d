import { fieldsOf } from './protobuf.ts'
import { WireFault } from './wire-fault.ts'

/** `Message.Type` of dnstap.proto, by number. */
const messageTypes = [
  'UNKNOWN', 'AUTH_QUERY', 'AUTH_RESPONSE', 'RESOLVER_QUERY', 'RESOLVER_RESPONSE', 'CLIENT_QUERY', 'CLIENT_RESPONSE', 'FORWARDER_QUERY',
  'FORWARDER_RESPONSE', 'STUB_QUERY', 'STUB_RESPONSE', 'TOOL_QUERY', 'TOOL_RESPONSE', 'UPDATE_QUERY', 'UPDATE_RESPONSE',
] as const
export type DnstapMessageType = (typeof messageTypes)[number]

/** What is read of a dnstap `Message`. */
export interface DnstapMessage {
  type: DnstapMessageType
  /** Which server says so, as it calls itself: bytes as latin1. Empty: it does not. */
  identity: string
  /** Who asked: 4 or 16 bytes in network order; empty: not told. */
  clientAddress: Buffer
  /** 0: not told. */
  clientPort: number
  /** `SocketProtocol`, by number (1: UDP, 2: TCP, …); 0: not told. */
  protocol: number
  /** Milliseconds since the epoch, with fractions, by the server's clock; 0: not told. */
  queryTime: number
  responseTime: number
  /** DNS messages as they were on the wire; undefined: not told. */
  query: Buffer | undefined
  response: Buffer | undefined
}

const fields = { IDENTITY: 1, MESSAGE: 14, TYPE: 15 } as const
const MESSAGE = 1
const messageFields = {
  TYPE: 1, PROTOCOL: 3, QUERY_ADDRESS: 4, QUERY_PORT: 6, QUERY_SECONDS: 8, QUERY_NANOS: 9, QUERY: 10, RESPONSE_SECONDS: 12,
  RESPONSE_NANOS: 13, RESPONSE: 14,
} as const
const MAX_IDENTITY_BYTES = 256
const NONE = Buffer.alloc(0)

/**
 * Reads a data frame: the protobuf `dnstap.Dnstap` (dnstap.proto of dnstap.info). What is unknown is passed over, a field told twice counts
 * as told last. Throws a WireFault `dnstap`.
 */
export function decodeDnstap(frame: Buffer): DnstapMessage {
  let [identity, message, type] = ['', undefined as Buffer | undefined, 0]
  for (const { number, value, bytes } of fieldsOf(frame)) {
    if (number === fields.IDENTITY && bytes !== undefined) identity = bytes.toString('latin1', 0, MAX_IDENTITY_BYTES)
    else if (number === fields.MESSAGE && bytes !== undefined) message = bytes
    else if (number === fields.TYPE && value !== undefined) type = value
  }
  if (type !== MESSAGE || message === undefined) throw new WireFault('dnstap', `a frame of type ${type} has no message`)
  return messageIn(message, identity)
}

function messageIn(bytes: Buffer, identity: string): DnstapMessage {
  const numbers = new Map<number, number>()
  const texts = new Map<number, Buffer>()
  for (const field of fieldsOf(bytes)) {
    if (field.bytes === undefined) numbers.set(field.number, field.value)
    else texts.set(field.number, field.bytes)
  }
  const clientAddress = texts.get(messageFields.QUERY_ADDRESS) ?? NONE
  if (![0, 4, 16].includes(clientAddress.length)) throw new WireFault('dnstap', `an address has ${clientAddress.length} bytes`)
  const number = (field: number): number => numbers.get(field) ?? 0
  return {
    type: messageTypes[number(messageFields.TYPE)] ?? 'UNKNOWN', identity, clientAddress,
    clientPort: number(messageFields.QUERY_PORT), protocol: number(messageFields.PROTOCOL),
    queryTime: milliseconds(number(messageFields.QUERY_SECONDS), number(messageFields.QUERY_NANOS)),
    responseTime: milliseconds(number(messageFields.RESPONSE_SECONDS), number(messageFields.RESPONSE_NANOS)),
    query: texts.get(messageFields.QUERY), response: texts.get(messageFields.RESPONSE),
  }
}

/** 2^43 ms is the year 2248: a time beyond it is none. */
const LATEST_MS = 2 ** 43

function milliseconds(seconds: number, nanos: number): number {
  const time = seconds * 1_000 + nanos / 1_000_000
  return time <= LATEST_MS ? time : 0
}
