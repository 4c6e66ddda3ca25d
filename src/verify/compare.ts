import type { CheckpointCodec, Head } from '../checkpoint/codec.ts'
import type { HeldCells } from '../checkpoint/held-cells.ts'
import type { ShardView } from '../checkpoint/shard-view.ts'
import { cellKinds } from '../core/blank-cells.ts'
import type { AnyCell, CellKind } from '../core/cells.ts'
import { isPast } from '../core/retention.ts'
import { changedByOwnRecordsOnly, countsLess, foldedAlone, mayBeOutdated } from './cell-law.ts'
import { differingFields, type FieldDifference } from './differences.ts'
import type { Reference } from './reference.ts'

/** What is wrong with a cell. A closed list. */
export const cellFaults = [
  /** The input holds records of it that it does not have. */
  'stale',
  /** It has them all by its offset, and yet other values. */
  'wrong',
  /** It counts less than the retained part of the input gives. */
  'too_low',
  /** It is not there, and should be. */
  'missing',
  /** It is there, and the input gives none such. */
  'surplus',
  /** It is as of an offset at which the input holds no record of it. */
  'misplaced',
  /** Its bytes cannot be read. */
  'damaged',
] as const
export type CellFault = (typeof cellFaults)[number]

/** How a cell can be mended: by the reference's, by a tombstone, or by folding onto it what it lacks. */
export type Mend = 'replace' | 'remove' | 'fold_on' | 'none'

export interface Difference {
  kind: CellKind
  key: string
  fault: CellFault
  /** As the log has it; null: it has none. */
  asOf: number | null
  /** As the input gives it; null: it gives none. */
  wantedAsOf: number | null
  fields: FieldDifference[]
  mend: Mend
  /** Why it cannot be mended; otherwise empty. */
  unmendable: string
}

export interface Comparison {
  /** Equal in every value to what the input gives. */
  exact: number
  /** Changed both before and within the retained input: only its offset could be checked, and that it counts no less. */
  byOffset: number
  /** Not changed by the retained input. */
  unverifiable: number
  /** Past its time, so it does not exist; its tombstone is still to come. */
  expired: number
  differing: Difference[]
}

interface Held {
  head: Head
  /** Null: damaged. */
  cell: AnyCell | null
}

const DELETED = 'the input that it lacks is deleted'
const ADDS_UP = 'it adds up states from before the retained input'

/** Holds every cell of a shard against what the retained input gives, both as of the shard's progress. */
export function compareShard(view: ShardView, reference: Reference, codec: CheckpointCodec): Comparison {
  const comparison: Comparison = { exact: 0, byOffset: 0, unverifiable: 0, expired: 0, differing: [] }
  const court: Court = { comparison, reference, codec, crowded: crowdedKinds(view, reference) }
  for (const kind of cellKinds) {
    const wanted = reference.state.cells[kind] as ReadonlyMap<string, AnyCell>
    const cells = view.cells[kind] as HeldCells<CellKind>
    for (const { key, head, cell } of cells.copies()) {
      judge({ kind, key, held: { head, cell }, should: wanted.get(key) ?? null }, court)
    }
    for (const [key, should] of wanted) {
      if (cells.head(key) === undefined) judge({ kind, key, held: null, should }, court)
    }
  }
  return comparison
}

interface Case {
  kind: CellKind
  key: string
  held: Held | null
  should: AnyCell | null
}

interface Court {
  comparison: Comparison
  reference: Reference
  codec: CheckpointCodec
  /** Kinds of which something had no room: what had, a part of the input does not tell. */
  crowded: ReadonlySet<CellKind>
}

function judge(given: Case, { comparison, reference, codec, crowded }: Court): void {
  const { kind, held, should } = given
  if (held !== null && should === null && isPast(held.head.expiresAt, reference.state.streamTime)) comparison.expired++
  else if (held?.cell && should !== null && isEqual(held.cell, should, codec)) comparison.exact++
  else if (!reference.whole && crowded.has(kind) && held?.cell !== null) comparison.unverifiable++
  else {
    const verdict = reference.whole ? wholeVerdict(given) : partVerdict(given, reference)
    if (verdict === 'byOffset' || verdict === 'unverifiable') comparison[verdict]++
    else comparison.differing.push(differenceOf(given, verdict))
  }
}

/** By their bytes: so what the encoding does not tell apart is no difference. */
export function isEqual(one: AnyCell, other: AnyCell, codec: CheckpointCodec): boolean {
  return codec.encodeCell(one, 0).equals(codec.encodeCell(other, 0))
}

/** What adds up the states of cells that may have had no room, or stands for those that had. */
const depending: { readonly [K in CellKind]?: readonly CellKind[] } = {
  instance: ['registrations', 'version'], registrations: ['instance', 'version'], version: ['instance'], agent: ['accounts'],
}

/** Whether a budget had room for something, the records before the retained input decided. */

function crowdedKinds(view: ShardView, { state }: Reference): Set<CellKind> {
  const all = [...view.cells.cardinality.values(), ...state.cells.cardinality.values()]
  const crowded = all.filter(({ overflowed }) => overflowed > 0).map(({ of }) => of as CellKind)
  return new Set<CellKind>([...crowded, ...crowded.flatMap(kind => depending[kind] ?? []), 'cardinality'])
}

type Verdict = Pick<Difference, 'fault' | 'mend' | 'unmendable'>

function wholeVerdict({ held, should }: Case): Verdict {
  const mend = should === null ? 'remove' : 'replace'
  return { fault: wholeFault(held, should), mend, unmendable: '' }
}

function wholeFault(held: Held | null, should: AnyCell | null): CellFault {
  if (held === null) return 'missing'
  if (held.cell === null) return 'damaged'
  if (should === null) return 'surplus'
  return held.head.asOf < should.asOf ? 'stale' : 'wrong'
}

function cannot(fault: CellFault, unmendable: string): Verdict {
  return { fault, mend: 'none', unmendable }
}

/** Where only a part of the input is there. */
function partVerdict({ kind, held, should }: Case, reference: Reference): Verdict | 'byOffset' | 'unverifiable' {
  const { from } = reference
  if (held === null) return cannot('missing', DELETED)
  const { head: { asOf }, cell } = held
  if (cell === null) return cannot('damaged', DELETED)
  const isOfNoRecord = changedByOwnRecordsOnly.has(kind) && asOf > (should?.asOf ?? from)
  if (isOfNoRecord) return cannot('misplaced', 'which of the records it has is not known')
  if (should === null) return 'unverifiable'
  if (asOf < should.asOf) {
    if (reference.mayBeMisledOf(cell)) return 'unverifiable'
    if (cell.kind === 'instance' && should.kind === 'instance' && mayBeOutdated(cell, should)) return 'unverifiable'
    if (!foldedAlone.has(kind)) return cannot('stale', ADDS_UP)
    return asOf < from ? cannot('stale', DELETED) : { fault: 'stale', mend: 'fold_on', unmendable: '' }
  }
  return countsLess(cell, should) ? cannot('too_low', 'the input that the rest was counted from is deleted') : 'byOffset'
}

function differenceOf({ kind, key, held, should }: Case, verdict: Verdict): Difference {
  const fields = held?.cell && should !== null && verdict.mend !== 'fold_on' && verdict.mend !== 'none' ? differingFields(held.cell, should) : []
  return { kind, key, asOf: held?.head.asOf ?? null, wantedAsOf: should?.asOf ?? null, fields, ...verdict }
}
