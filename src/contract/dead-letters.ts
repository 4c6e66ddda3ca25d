import type { RejectReason } from './bounds.ts'

/** A record's headers, as they stand in the log. */
export type RecordHeaders = readonly (readonly [name: string, value: Buffer | null])[]

/** Marks a record that was a dead letter and was sent once more: its sequence number is not compared. Its value says which letter. */
export const REPLAYED_HEADER = 'discovery-replayed'
/** What a dead letter carries before the record's own headers; the last of them is `discovery-detail`. A record may bring such names itself. */
export const letterHeaders = {
  topic: 'discovery-topic', partition: 'discovery-partition', offset: 'discovery-offset', timestamp: 'discovery-timestamp',
  reason: 'discovery-reason', detail: 'discovery-detail', cut: 'discovery-cut', batch: 'discovery-batch-records',
} as const

/** A detail is cut to this, in bytes. */
const MAX_DETAIL_BYTES = 1_024
/** What a header takes beside its name and value, at most. */
const HEADER_OVERHEAD = 10

/** A record that was set aside, whole, and where it came from; or a batch that cannot be read. */
export interface DeadLetter {
  topic: string
  partition: number
  offset: number
  /** Append time, milliseconds since the epoch. */
  timestamp: number
  /** Of a letter that was read: whatever stands there. */
  reason: RejectReason | (string & {})
  detail: string
  key: Buffer | null
  value: Buffer | null
  headers: RecordHeaders
  /** How many records the value, which is then a batch as it was sent, held from the offset on; 0: it is a record's. */
  batchOf: number
  /** Bytes of the record before it was cut to fit; 0: it is whole. */
  cutFrom: number
}

/** A record as the dead-letter topic has it. */
export interface LetterRecord {
  key: Buffer | null
  value: Buffer | null
  headers: RecordHeaders
}

/** Whether the record was a dead letter before. */
export function isReplayed(headers: RecordHeaders): boolean {
  return headers.some(([name]) => name === REPLAYED_HEADER)
}

/** How many records they stand for. */
export function recordsIn(letters: readonly DeadLetter[]): number {
  return letters.reduce((sum, { batchOf }) => sum + Math.max(1, batchOf), 0)
}

/** Bytes of key, value and headers of its own. */
export function sizeOfRecord({ key, value, headers }: LetterRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + sizeOfHeaders(headers)
}

/** The letter with no more than so many bytes of the record: first its value is cut, then its headers are left out, and its key is cut. */
export function cutLetter(letter: DeadLetter, most: number): DeadLetter {
  const size = sizeOfRecord(letter)
  if (size <= most) return letter
  const half = Math.floor(most / 2)
  const keepsHead = sizeOfRecord({ ...letter, value: null }) <= half
  const headers = keepsHead ? letter.headers : []
  const key = keepsHead ? letter.key : letter.key?.subarray(0, half) ?? null
  const left = most - sizeOfRecord({ key, value: null, headers })
  return { ...letter, key, headers, value: letter.value?.subarray(0, left) ?? null, cutFrom: letter.cutFrom || size }
}

/** The letter as it is written: key and value as they were, where they came from, then the headers as they were. */
export function letterRecord(letter: DeadLetter): LetterRecord {
  const { topic, partition, offset, timestamp, reason, detail, batchOf, cutFrom } = letter
  const said: [string, string | number][] = [
    [letterHeaders.topic, topic], [letterHeaders.partition, partition], [letterHeaders.offset, offset],
    [letterHeaders.timestamp, timestamp], [letterHeaders.reason, reason],
  ]
  if (batchOf > 0) said.push([letterHeaders.batch, batchOf])
  if (cutFrom > 0) said.push([letterHeaders.cut, cutFrom])
  const own = said.map(([name, value]) => [name, Buffer.from(String(value))] as const)
  const shortened = Buffer.from(detail).subarray(0, MAX_DETAIL_BYTES)
  return { key: letter.key, value: letter.value, headers: [...own, [letterHeaders.detail, shortened], ...letter.headers] }
}

/** Reads a letter back; null if the record is none of ours. */
export function readLetter({ key, value, headers }: LetterRecord): DeadLetter | null {
  const last = headers.findIndex(([name]) => name === letterHeaders.detail) // what stands behind is the record's own
  const said = new Map(headers.slice(0, last + 1).map(([name, text]) => [name, text?.toString() ?? '']))
  const number = (name: string) => Number(said.get(name) || NaN)
  const topic = said.get(letterHeaders.topic) ?? ''
  const [partition, offset, timestamp] = [number(letterHeaders.partition), number(letterHeaders.offset), number(letterHeaders.timestamp)]
  if (topic === '' || ![partition, offset, timestamp].every(each => Number.isSafeInteger(each) && each >= 0)) return null
  const [reason, detail] = [said.get(letterHeaders.reason) ?? '', said.get(letterHeaders.detail) ?? '']
  const [batchOf, cutFrom] = [Number(said.get(letterHeaders.batch) ?? 0), Number(said.get(letterHeaders.cut) ?? 0)]
  return { topic, partition, offset, timestamp, reason, detail, key, value, headers: headers.slice(last + 1), batchOf, cutFrom }
}

function sizeOfHeaders(headers: RecordHeaders): number {
  return headers.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + (value?.length ?? 0) + HEADER_OVERHEAD, 0)
}
