import { cacheResults } from '../contract/events.ts'
import type { AvroReader } from '../contract/avro-reader.ts'
import type { EdgeGist, NumberedEdges } from '../views/graph/source.ts'
import type { CheckpointCodec } from './codec.ts'
import { KEY_READ, VALUE_READ } from './entry-rows.ts'
import type { KeyedBytes } from './keyed-bytes.ts'

const STALE = cacheResults.indexOf('STALE')
const BYPASS = cacheResults.indexOf('BYPASS')

/** What is held of a kind by its entries, and what of it one reader has read: an index learns from that what is new to it. */
export class NumberedEntries implements NumberedEdges {
  readonly #codec: CheckpointCodec
  readonly #held: KeyedBytes

  constructor(codec: CheckpointCodec, held: KeyedBytes) {
    this.#codec = codec
    this.#held = held
  }

  get end(): number {
    return this.#held.end
  }

  has(entry: number): boolean {
    return this.#held.has(entry)
  }

  expiresAt(entry: number): number {
    return this.#held.expiresAt(entry)
  }

  key(entry: number): string {
    return this.#held.key(entry)
  }

  isKeyRead(entry: number): boolean {
    return (this.#held.marks(entry) & KEY_READ) !== 0
  }

  isValueRead(entry: number): boolean {
    return (this.#held.marks(entry) & VALUE_READ) !== 0
  }

  readKey(entry: number): string {
    this.#held.mark(entry, KEY_READ)
    return this.#held.key(entry)
  }

  noteRead(entry: number): void {
    this.#held.mark(entry, VALUE_READ)
  }

  readGist(entry: number, into: EdgeGist): boolean {
    this.noteRead(entry)
    try {
      gistFrom(this.#codec.fieldsIn('edge', this.#held.value(entry)), into)
      return true
    } catch {
      return false // it is told when it is to be shown
    }
  }
}

/** In the order of the edge's schema (`schemas/checkpoint/edge.v1.avsc`, behind the head), which newer ones only add to. */
function gistFrom(from: AvroReader, into: EdgeGist): void {
  const lookups = from.long()
  const failures = from.long()
  const results = from.counts(cacheResults.length)
  from.skipBytes()
  into.window = from.long()
  const [startLookups, startFailures] = [from.long(), from.long()]
  from.skipBytes()
  from.skipBytes()
  const [previousLookups, previousFailures] = [from.long(), from.long()]
  const previousResults = from.counts(cacheResults.length)
  from.skipBytes()
  into.firstSeen = from.long()
  into.lastSeen = from.long()
  into.lookups = lookups - startLookups
  into.failures = failures - startFailures
  into.previousLookups = startLookups - previousLookups
  into.previousFailures = startFailures - previousFailures
  into.hasStale = (results[STALE] ?? 0) > (previousResults[STALE] ?? 0)
  into.hasBypass = (results[BYPASS] ?? 0) > (previousResults[BYPASS] ?? 0)
}
