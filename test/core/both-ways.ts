import { createEncoder, Decoder } from '../../src/contract/codec.ts'
import type { LookupEvent } from '../../src/contract/events.ts'
import { PlainLookup } from '../../src/contract/plain-lookup.ts'
import { fold, foldPlainLookup } from '../../src/core/fold.ts'
import type { ShardState } from '../../src/core/state.ts'
import type { Told } from './story.ts'

const encode = createEncoder('lookup')
const plain = new PlainLookup(new Decoder('lookup'))

/** Folds records into two states: into one as they are decoded, into the other look-ups straight from their bytes, where that can be. */
export function foldBothWays(records: readonly Told[], { decoded, read }: { decoded: ShardState; read: ShardState }): void {
  for (const { kind, event, appendTime } of records) {
    const position = { offset: decoded.next, appendTime }
    fold(decoded, { kind, event }, position)
    const bytes = kind === 'lookup' ? encode(event as LookupEvent) : null
    if (bytes !== null && plain.read(bytes, 0, bytes.length)) foldPlainLookup(read, plain, position)
    else fold(read, { kind, event }, position)
  }
}
