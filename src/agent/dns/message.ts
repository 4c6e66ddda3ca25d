import { WireFault } from '../dnstap/wire-fault.ts'
import { readName, skipName } from './name.ts'

/** Numbers of IANA's DNS parameters, as far as they mean something here. */
export const recordTypes = { A: 1, SOA: 6, AAAA: 28, SRV: 33, OPT: 41, ANY: 255 } as const
export const recordClasses = { IN: 1, NONE: 254, ANY: 255 } as const
export const opcodes = { QUERY: 0, UPDATE: 5 } as const

const HEADER_BYTES = 12

export interface Question {
  /** As `readName` gives it. */
  name: string
  type: number
}

/** A message's header and first question: all that a query is asked for. Sections are read when they are walked. */
export interface DnsMessage {
  bytes: Buffer
  id: number
  isResponse: boolean
  opcode: number
  isTruncated: boolean
  /** The header's four bits; `rcodeOf` adds what EDNS has. */
  rcode: number
  /** Undefined: there is none. */
  question: Question | undefined
  counts: readonly [answers: number, authorities: number, additionals: number]
  /** Where the sections after the questions begin. */
  sectionsAt: number
}

export const sections = ['answer', 'authority', 'additional'] as const

export interface DnsRecord {
  section: (typeof sections)[number]
  /** Where its name is, for `readName`. */
  nameAt: number
  type: number
  class: number
  ttl: number
  /** Where its data is, in the message: names in it may point back. */
  dataAt: number
  dataLength: number
}

/** Reads a DNS message (RFC 1035, section 4.1). Throws a WireFault `dns`. */
export function decodeMessage(bytes: Buffer): DnsMessage {
  if (bytes.length < HEADER_BYTES) throw new WireFault('dns', `a message has ${bytes.length} bytes, the least is ${HEADER_BYTES}`)
  const flags = bytes.readUInt16BE(2)
  let [question, at] = [undefined as Question | undefined, HEADER_BYTES]
  for (let left = bytes.readUInt16BE(4); left > 0; left--) {
    const typeAt = question === undefined ? readName(bytes, at) : { name: '', next: skipName(bytes, at) }
    if (typeAt.next + 4 > bytes.length) throw new WireFault('dns', 'a question is cut off')
    question ??= { name: typeAt.name, type: bytes.readUInt16BE(typeAt.next) }
    at = typeAt.next + 4
  }
  return {
    bytes, id: bytes.readUInt16BE(0), isResponse: (flags & 0x8000) !== 0, opcode: (flags >> 11) & 15, isTruncated: (flags & 0x0200) !== 0,
    rcode: flags & 15, question, sectionsAt: at, counts: [bytes.readUInt16BE(6), bytes.readUInt16BE(8), bytes.readUInt16BE(10)],
  }
}

/** The records of all sections in their order. Throws a WireFault `dns` at the first that cannot be read. */
export function* recordsOf({ bytes, counts, sectionsAt }: DnsMessage): Generator<DnsRecord, void, undefined> {
  let at = sectionsAt
  for (const [index, section] of sections.entries()) {
    for (let left = counts[index] ?? 0; left > 0; left--) {
      const head = skipName(bytes, at)
      if (head + 10 > bytes.length) throw new WireFault('dns', `a record of the ${section} section is cut off`)
      const dataLength = bytes.readUInt16BE(head + 8)
      const dataAt = head + 10
      if (dataAt + dataLength > bytes.length) throw new WireFault('dns', `a record of the ${section} section is cut off`)
      yield {
        section, nameAt: at, type: bytes.readUInt16BE(head), class: bytes.readUInt16BE(head + 2), ttl: bytes.readUInt32BE(head + 4),
        dataAt, dataLength,
      }
      at = dataAt + dataLength
    }
  }
}
