import { createConfluentEncoder, createEncoder } from '../src/contract/codec.ts'
import type { LookupEvent } from '../src/contract/events.ts'
import { leanBatch, seal, writeLong, type LeanBatch } from './lean-batch.ts'
import { keyOf } from './lookups.ts'

/** `confluent`: with a schema's id, as the registry of the benchmark has it. `single`: Avro's single-object encoding. */
export type Framing = 'confluent' | 'single'
export const SCHEMA_ID = 1

/** From here on a number takes five bytes as Avro's long, up to 2^34; and a time of these decades six. */
export const FIRST_SEQUENCE = 2 ** 27
/** Of the body, behind each framing's header. */
const bodyAt: Readonly<Record<Framing, number>> = { confluent: 5, single: 10 }
const SEQUENCE_BYTES = 5
const TIME_BYTES = 6

export function lookupEncoder(framing: Framing): (event: LookupEvent) => Buffer {
  return framing === 'confluent' ? createConfluentEncoder('lookup', SCHEMA_ID) : createEncoder('lookup')
}

/** A batch of look-ups that can be sent again and again, each time as newer events: only times and numbers are written anew. */
export class LookupBatch {
  readonly partition: number
  readonly records: number
  readonly #batch: LeanBatch
  readonly #sequencesAt: readonly number[]

  constructor(partition: number, events: readonly LookupEvent[], framing: Framing) {
    const encode = lookupEncoder(framing)
    this.partition = partition
    this.records = events.length
    this.#batch = leanBatch(events.map(event => ({ key: keyOf(event), value: encode({ ...event, sequence: FIRST_SEQUENCE, occurredAt: Date.now() }) })))
    // The agent's id comes first, behind its length of one byte.
    this.#sequencesAt = this.#batch.valuesAt.map((at, index) => at + bodyAt[framing] + 1 + Buffer.byteLength(events[index]?.agentId ?? ''))
  }

  /** As events of `time` (milliseconds since the epoch), numbered from `sequence` on. The bytes are good until it is stamped again. */
  stamp(sequence: number, time: number): Buffer {
    const { bytes } = this.#batch
    for (const [index, at] of this.#sequencesAt.entries()) {
      writeLong(bytes, at, { number: sequence + index, width: SEQUENCE_BYTES })
      writeLong(bytes, at + SEQUENCE_BYTES, { number: time, width: TIME_BYTES })
    }
    seal(bytes, time)
    return bytes
  }
}
