import { blankCell } from '../blank-cells.ts'
import type { AnyCell, CardinalityCell, CellKind } from '../cells.ts'
import type { Family } from '../family.ts'
import { estimateOf } from '../hyper-log-log.ts'

const labels = ['family'] as const

/** What is told of the budgets of families: how much of each is used, and what had no room. */
export function cardinalityFamilies(families: readonly Family[]): Family<'cardinality'>[] {
  const perCell = new Map<CellKind, { name: string; series: number }[]>()
  for (const family of families) {
    perCell.set(family.cell, [...perCell.get(family.cell) ?? [], { name: family.name, series: mostSeries(family) }])
  }
  const each = ({ of }: CardinalityCell, put: (family: string, series: number) => void): void => {
    for (const { name, series } of perCell.get(of as CellKind) ?? []) put(name, series)
  }
  return [
    {
      name: 'discovery_cardinality_series', type: 'gauge', unit: '', labels, cell: 'cardinality',
      help: 'Series of a family that its label values come to at most, those under __overflow__ included.',
      question: 'Which families grow?',
      example: 'topk(5, sum by (family) (discovery_cardinality_series))',
      read: (cell, put) => each(cell, (family, series) => put([family], series * cell.used)),
    },
    {
      name: 'discovery_cardinality_budget', type: 'gauge', unit: '', labels, cell: 'cardinality',
      help: 'Series of a family that the policy has room for; a tenth more may stand under __overflow__.',
      question: 'How much of its budget does a family use?',
      example: 'sum by (family) (discovery_cardinality_series) / sum by (family) (discovery_cardinality_budget)',
      read: (cell, put) => each(cell, (family, series) => put([family], series * cell.budget)),
    },
    {
      name: 'discovery_cardinality_overflow_total', type: 'counter', unit: '', labels, cell: 'cardinality',
      help: 'Events of which something had no room of its own in the family: counters have it under __overflow__, gauges leave it out.',
      question: 'Does a budget keep label values apart from being seen?',
      example: 'sum by (family) (increase(discovery_cardinality_overflow_total[1h])) > 0',
      read: (cell, put) => each(cell, family => put([family], cell.overflowed)),
    },
    {
      name: 'discovery_cardinality_refused', type: 'gauge', unit: '', labels, cell: 'cardinality',
      help: 'Different label values of a family that had no room, on the last day (UTC) with such ones: an estimate, 3 % off as a rule.',
      question: 'How large would a budget have to be?',
      example: 'sum by (family) (discovery_cardinality_refused)',
      read: (cell, put) => each(cell, family => put([family], estimateOf(cell.refused))),
    },
  ]
}

/** Series that one cell of the family's kind gives, at most. */
export function mostSeries(family: Family): number {
  let series = 0
  family.read(fullCell(family.cell), (_, value) => {
    const buckets = family.type === 'histogram' ? (family.bounds ?? []).length + 1 : 0
    series += typeof value === 'number' ? 1 : buckets + 2
  })
  return series
}

/** A cell in which everything has been counted. */
function fullCell(kind: CellKind): AnyCell {
  const cell: AnyCell = blankCell(kind, ['a', 'b', 'c', 'd', 'e'])
  fill(cell as unknown as Record<string, unknown>)
  return cell
}

function fill(counts: Record<string, unknown>): void {
  for (const [field, value] of Object.entries(counts)) {
    if (typeof value === 'number') counts[field] = 1
    else if (typeof value === 'object' && value !== null) fill(value as Record<string, unknown>)
  }
}
