import { nameFields } from '../core/blank-cells.ts'
import { budgetsOf, Room, stepOf } from '../core/budgets.ts'
import type { AnyCell, CellKind } from '../core/cells.ts'
import { families } from '../core/families.ts'
import { mostSeries } from '../core/families/cardinality.ts'
import type { Family } from '../core/family.ts'
import { estimateOf } from '../core/hyper-log-log.ts'
import type { BudgetPolicy, Limits } from '../core/policy.ts'
import { passingCells, type VisibleShard } from './shard.ts'
import { AT_ONCE, type Steps } from './steps.ts'

export type BudgetName = keyof BudgetPolicy

/** A family and what is used of its budget, in series; null where it has none. */
export interface FamilyUse {
  family: string
  series: number
  budget: number | null
  /** Events of which something had no room, ever; and about how many label values had none, on the last day (UTC) with such ones. */
  overflowed: number
  refused: number
}

/** A label, how many values it has, and those with the most series. */
export interface LabelUse {
  label: string
  values: number
  top: { value: string; series: number }[]
}

/** What a budget would do, were all that is there to come anew. */
export interface DryRun {
  budget: BudgetName
  total: number
  within: number | null
  /** What is counted apart now, and of this what would be counted under `__overflow__`. */
  apart: number
  overflowing: number
}

export interface Cardinality {
  families: FamilyUse[]
  labels: LabelUse[]
  dryRun: DryRun[]
}

export interface CardinalityQuestion {
  /** So many values of each label. */
  top: number
  /** How the budgets would be; those in `tried` are looked at. */
  budgets: BudgetPolicy
  tried: readonly BudgetName[]
}

/** Which labels the names of a kind's cells are, where anybody may send any. */
const labelsOf: { readonly [K in CellKind]?: readonly string[] } = {
  lookups: ['namespace', 'service'], registrations: ['namespace', 'service'], version: ['namespace', 'service', 'version'],
  lookupError: ['namespace', 'service', '', 'code'], registrationError: ['namespace', 'service', '', '', 'code'],
  edge: ['client_service_namespace', 'client', 'server_service_namespace', 'server'], instance: [], agent: [], arrivals: ['kind'], accounts: ['kind'],
}
const kinds = Object.keys(labelsOf) as readonly CellKind[]

const budgetOf: { readonly [K in CellKind]?: BudgetName } = {
  lookups: 'service', registrations: 'service', edge: 'edge', version: 'version', lookupError: 'error', registrationError: 'error',
  instance: 'instance', agent: 'agent',
}

const seriesOf = new Map<CellKind, number>()
for (const family of families as readonly Family[]) seriesOf.set(family.cell, (seriesOf.get(family.cell) ?? 0) + mostSeries(family))

/** What families and label values cost over all shards, in the series that they may have, and what other budgets would do. */
export function* cardinalityOf(shards: readonly VisibleShard[], { top, budgets, tried }: CardinalityQuestion): Steps<Cardinality> {
  const cells = new Map<CellKind, number>()
  const labels = new Map<string, Map<string, number>>()
  const dryRuns = new Map(tried.map(budget => [budget, dryRunOf(budget, budgets[budget])]))
  for (const shard of shards) {
    const room = new Room(budgetsOf(budgets, partitionsOf(shard, shards)))
    for (const kind of kinds) {
      const budget = budgetOf[kind]
      const dryRun = budget === undefined ? undefined : dryRuns.get(budget)
      const look = (cell: AnyCell): boolean => {
        const names = nameFields[kind].map(field => String((cell as unknown as Record<string, unknown>)[field]))
        increase(cells, kind, 1)
        countLabels(labels, kind, names)
        if (dryRun !== undefined && stepOf(kind, names) === 0) tryOut(dryRun, room, { kind, names })
        return false // its names are all that is needed of it
      }
      const passing = passingCells<AnyCell>(shard.cells[kind], look)
      for (let looked = 1; passing.next().done !== true; looked++) if (looked % AT_ONCE === 0) yield
    }
  }
  const found: LabelUse[] = []
  for (const [label, values] of labels) {
    found.push({ label, values: values.size, top: mostOf(values, top) })
    yield
  }
  return { families: familyUses(shards, cells), labels: found.toSorted((one, other) => other.values - one.values), dryRun: [...dryRuns.values()] }
}

/** The shards of an input topic are as many as its partitions. */
function partitionsOf({ shard }: VisibleShard, shards: readonly VisibleShard[]): number {
  const topic = shard.slice(0, shard.lastIndexOf('-') + 1)
  return shards.filter(other => other.shard.startsWith(topic)).length
}

function dryRunOf(budget: BudgetName, { total, within }: Partial<Limits> & Pick<Limits, 'total'>): DryRun {
  return { budget, total, within: within ?? null, apart: 0, overflowing: 0 }
}

/** By the fold's own rule. */
function tryOut(dryRun: DryRun, room: Room, { kind, names }: { kind: CellKind; names: readonly string[] }): void {
  dryRun.apart++
  if (room.isFor(kind, names)) room.add(kind, names)
  else dryRun.overflowing++
}

function countLabels(labels: Map<string, Map<string, number>>, kind: CellKind, names: readonly string[]): void {
  for (const [place, label] of (labelsOf[kind] ?? []).entries()) {
    if (label === '') continue
    const values = labels.get(label) ?? new Map<string, number>()
    labels.set(label, values)
    increase(values, names[place] ?? '', seriesOf.get(kind) ?? 0)
  }
}

function familyUses(shards: readonly VisibleShard[], cells: ReadonlyMap<CellKind, number>): FamilyUse[] {
  const told = shards.flatMap(shard => [...shard.cells.cardinality.values()])
  const uses = (families as readonly Family[]).map((family): FamilyUse => {
    const [each, own] = [mostSeries(family), told.filter(cell => cell.of === family.cell)]
    const sum = (read: (cell: (typeof own)[number]) => number) => own.reduce((all, cell) => all + read(cell), 0)
    return {
      family: family.name, series: each * (cells.get(family.cell) ?? 0), budget: own.length === 0 ? null : each * sum(({ budget }) => budget),
      overflowed: sum(({ overflowed }) => overflowed), refused: sum(({ refused }) => estimateOf(refused)),
    }
  })
  return uses.filter(({ series }) => series > 0).toSorted((one, other) => other.series - one.series)
}

/** There may be hundreds of thousands: only the best so far are kept in order. */
function mostOf(values: ReadonlyMap<string, number>, top: number): LabelUse['top'] {
  const best: LabelUse['top'] = []
  for (const [value, series] of values) {
    const last = best[top - 1]
    if (last !== undefined && series <= last.series) continue
    const place = best.findIndex(held => held.series < series)
    best.splice(place < 0 ? best.length : place, 0, { value, series })
    best.length = Math.min(best.length, top)
  }
  return best
}

function increase<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}
