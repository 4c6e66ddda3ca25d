import { WireFault } from '../dnstap/wire-fault.ts'
import { addressText } from './address.ts'
import { recordClasses, recordsOf, recordTypes, type DnsMessage, type DnsRecord } from './message.ts'
import { readName } from './name.ts'

/** A record by which an instance can be found. */
export interface ServiceRecord {
  type: number
  /** The record's own data: an address, or `host:port`. It names the instance. */
  instance: string
  /** Empty: it is a host's, not an address. */
  address: string
  /** The host of an SRV record; empty for others. */
  target: string
}

/** One line of an update's third section (RFC 2136, section 2.5), if it is about records that services are found by. */
export type Change =
  | { do: 'add' | 'delete'; name: string; record: ServiceRecord }
  | { do: 'delete-type'; name: string; type: number }
  | { do: 'delete-name'; name: string }

export const serviceTypes: readonly number[] = [recordTypes.A, recordTypes.AAAA, recordTypes.SRV]

/** The changes that an update asks for, in their order. Throws a WireFault `dns`. */
export function changesIn(update: DnsMessage): Change[] {
  const changes: Change[] = []
  for (const record of recordsOf(update)) {
    if (record.section !== 'authority') continue
    const change = changeOf(update.bytes, record)
    if (change !== undefined) changes.push(change)
  }
  return changes
}

function changeOf(bytes: Buffer, record: DnsRecord): Change | undefined {
  const { name } = readName(bytes, record.nameAt)
  if (record.class === recordClasses.ANY && record.type === recordTypes.ANY) return { do: 'delete-name', name }
  if (!serviceTypes.includes(record.type)) return undefined
  if (record.class === recordClasses.ANY) return { do: 'delete-type', name, type: record.type }
  const found = serviceRecord(bytes, record)
  return found === undefined ? undefined : { do: record.class === recordClasses.NONE ? 'delete' : 'add', name, record: found }
}

const addressLengths = new Map<number, number>([[recordTypes.A, 4], [recordTypes.AAAA, 16]])

function serviceRecord(bytes: Buffer, { type, dataAt, dataLength }: DnsRecord): ServiceRecord | undefined {
  const length = addressLengths.get(type)
  if (length !== undefined) {
    if (dataLength !== length) throw new WireFault('dns', `an address record has ${dataLength} bytes of data`)
    const address = addressText(bytes.subarray(dataAt, dataAt + length))
    return { type, instance: address, address, target: '' }
  }
  if (dataLength < 7) throw new WireFault('dns', `an SRV record has ${dataLength} bytes of data`)
  const { name: target } = readName(bytes, dataAt + 6)
  // The root as target says that the service is not here (RFC 2782).
  return target === '' ? undefined : { type, instance: `${target}:${bytes.readUInt16BE(dataAt + 4)}`, address: '', target }
}
