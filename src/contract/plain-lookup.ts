import { MAX_STRING_BYTES, MAX_WEIGHT } from './bounds.ts'
import { CONFLUENT_BYTES, SINGLE_OBJECT_BYTES, type Decoder } from './codec.ts'
import {
  cacheResults, errorCategories, lookupMethods, lookupOutcomes, type CacheResult, type ErrorCategory, type LookupOutcome,
} from './events.ts'
import { currentSchema } from './schemas.ts'

/** Up to this length no string is too long, whatever its bytes decode to: an invalid one becomes a character of three. */
const PLAIN_BYTES = Math.floor(MAX_STRING_BYTES / 3)
/** Up to this, a text's length takes one byte; above it two. */
const SHORT_BYTES = 63
/** A number is put together of two halves of so many bits, each within what bitwise operators take; below 2^52 it is exact. */
const HALF_BITS = 28
const PLAIN_HIGH = 2 ** 24

/**
 * The look-up that was last read, straight from the bytes of the newest schema: no object, no string for each. It reads the plain ones,
 * which nearly all are; of any other it says so, and the decoder has to tell what it is.
 */
export class PlainLookup {
  sequence = 0
  occurredAt = 0
  cache: CacheResult = 'UNKNOWN'
  outcome: LookupOutcome = 'UNKNOWN'
  errorCategory: ErrorCategory = 'NONE'
  instances = -1
  durationMicros = -1
  weight = 1
  /** What all positions are in. */
  bytes: Buffer = NO_BYTES
  /** Of the same bytes. */
  view = new DataView(NO_BYTES.buffer, 0, 0)
  /** The agent's id, with its length before it. */
  agentStart = 0
  agentEnd = 0
  /** The four names that an edge has, each with its length before it, as they stand side by side. */
  namesStart = 0
  namesEnd = 0
  readonly #decoder: Pick<Decoder<'lookup'>, 'isNewest'>
  readonly #header: Buffer
  #errorCodeStart = 0
  #at = 0
  #end = 0
  #isPlain = true
  /** The last schema id that stood for the newest schema. */
  #schemaId = -1

  constructor(decoder: Pick<Decoder<'lookup'>, 'isNewest'>) {
    this.#decoder = decoder
    this.#header = Buffer.concat([Buffer.from([0xc3, 0x01]), Buffer.from(currentSchema('lookup').fingerprint, 'hex')])
  }

  /** The agent's id. */
  get agentId(): string {
    return this.#textAt(this.agentStart)
  }

  /** As the source gave it. */
  get errorCode(): string {
    return this.#textAt(this.#errorCodeStart)
  }

  /** Client's namespace, client, namespace and service, as they were sent. */
  get names(): [string, string, string, string] {
    const client = this.#behind(this.namesStart)
    const namespace = this.#behind(client)
    return [this.#textAt(this.namesStart), this.#textAt(client), this.#textAt(namespace), this.#textAt(this.#behind(namespace))]
  }

  /** Reads a message's value. False: it is not plain. */
  read(bytes: Buffer, start: number, end: number): boolean {
    const body = this.#bodyAt(bytes, start, end)
    if (body < 0) return false
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.#at = body
    this.#end = end
    this.#isPlain = true
    this.#readFields()
    return this.#isPlain && this.#at === end
  }

  /** In the order of the schema. */
  #readFields(): void {
    this.agentStart = this.#at
    this.#skipText()
    this.agentEnd = this.#at
    this.sequence = this.#number()
    this.occurredAt = this.#number()
    this.#skipText() // source
    this.namesStart = this.#at
    this.#skipText()
    this.#skipText()
    this.#skipText()
    if (this.bytes[this.#at] === 0) this.#isPlain = false // a service without a name
    this.#skipText()
    this.namesEnd = this.#at
    this.#symbol(lookupMethods)
    this.cache = this.#symbol(cacheResults)
    this.outcome = this.#symbol(lookupOutcomes)
    this.errorCategory = this.#symbol(errorCategories)
    this.#errorCodeStart = this.#at
    this.#skipText()
    this.instances = this.#number()
    this.durationMicros = this.#number()
    this.weight = this.#number()
    this.#skipText() // the client's instance
    this.#skipText() // its zone
    if (this.instances > MAX_INT || this.weight < 1 || this.weight > MAX_WEIGHT) this.#isPlain = false
  }

  /** Where the body begins; -1 if it is not of the newest schema. */
  #bodyAt(bytes: Buffer, start: number, end: number): number {
    if (end - start > SINGLE_OBJECT_BYTES && bytes[start] === this.#header[0]) {
      for (let index = 1; index < SINGLE_OBJECT_BYTES; index++) if (bytes[start + index] !== this.#header[index]) return -1
      return start + SINGLE_OBJECT_BYTES
    }
    if (end - start <= CONFLUENT_BYTES || bytes[start] !== 0) return -1
    const id = byte(bytes, start + 1) * 2 ** 24 + (byte(bytes, start + 2) << 16 | byte(bytes, start + 3) << 8 | byte(bytes, start + 4))
    if (id !== this.#schemaId) {
      if (!this.#decoder.isNewest(id)) return -1
      this.#schemaId = id
    }
    return start + CONFLUENT_BYTES
  }

  #skipText(): void {
    const first = byte(this.bytes, this.#at)
    if (first < 0x80 && (first & 1) === 0) this.#at += 1 + (first >>> 1)
    else {
      const length = this.#number()
      if (length <= SHORT_BYTES || length > PLAIN_BYTES) this.#isPlain = false
      else this.#at += length
    }
    if (this.#at > this.#end) this.#isPlain = false
  }

  #symbol<S extends string>(symbols: readonly S[]): S {
    const symbol = symbols[byte(this.bytes, this.#at++) >>> 1]
    if (symbol === undefined || (byte(this.bytes, this.#at - 1) & 1) === 1) this.#isPlain = false
    return symbol ?? symbols[0] as S
  }

  /** A whole number, -1 at the lowest; anything else is not plain. */
  #number(): number {
    const { bytes } = this
    let part = byte(bytes, this.#at++)
    if (part < 0x80) {
      if ((part & 1) === 1 && part > 1) this.#isPlain = false
      return (part >>> 1) ^ -(part & 1)
    }
    let low = part & 0x7f
    for (let shift = 7; part >= 0x80 && shift < HALF_BITS; shift += 7) {
      part = byte(bytes, this.#at++)
      low |= (part & 0x7f) << shift
    }
    if ((low & 1) === 1) this.#isPlain = false
    return part < 0x80 ? low >>> 1 : (low + this.#highHalf() * 2 ** HALF_BITS) / 2
  }

  #highHalf(): number {
    let high = 0
    let part = 0x80
    for (let shift = 0; part >= 0x80 && shift < HALF_BITS; shift += 7) {
      part = byte(this.bytes, this.#at++)
      high |= (part & 0x7f) << shift
    }
    if (part >= 0x80 || high >= PLAIN_HIGH) this.#isPlain = false
    return high
  }

  #textAt(at: number): string {
    return this.bytes.toString('utf8', byte(this.bytes, at) < 0x80 ? at + 1 : at + 2, this.#behind(at))
  }

  #behind(at: number): number {
    const first = byte(this.bytes, at)
    return first < 0x80 ? at + 1 + (first >>> 1) : at + 2 + ((first & 0x7f | byte(this.bytes, at + 1) << 7) >>> 1)
  }
}

const NO_BYTES: Buffer = Buffer.alloc(0)
const MAX_INT = 2_147_483_647

/** Beyond the end there is nothing, which is not plain either. */
function byte(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0
}
