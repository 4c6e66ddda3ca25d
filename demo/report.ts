import { total, type Tallies, type Tally } from './ledger.ts'

/** One service: what was recorded against what the replicas counted. */
export interface Row {
  service: string
  recorded: Tally
  counted: Tally
}

/** The demo's last line. `differences`: how many of the table's pairs are not equal. */
export interface Summary {
  recorded: number
  counted: number
  differences: number
}

const none: Tally = { lookups: 0, registrations: 0 }
const columns = ['service', 'lookups recorded', 'counted', 'difference', 'registrations recorded', 'counted', 'difference'] as const

/** Every service that either side knows, by name. */
export function compare(recorded: Tallies, counted: Tallies): Row[] {
  const services = [...new Set([...recorded.keys(), ...counted.keys()])].toSorted()
  return services.map(service => ({ service, recorded: recorded.get(service) ?? none, counted: counted.get(service) ?? none }))
}

export function summarize(recorded: Tallies, counted: Tallies): Summary {
  const pairs = compare(recorded, counted).flatMap(row => [
    row.recorded.lookups === row.counted.lookups, row.recorded.registrations === row.counted.registrations,
  ])
  return { recorded: total(recorded), counted: total(counted), differences: pairs.filter(equal => !equal).length }
}

/** The rows as text, a line of sums below. */
export function renderTable(rows: readonly Row[]): string {
  const sums = { service: 'total', recorded: sum(rows.map(row => row.recorded)), counted: sum(rows.map(row => row.counted)) }
  const lines = [[...columns], ...[...rows, sums].map(cells)]
  const widths = columns.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)))
  const text = lines.map(line => line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '))
  const rule = widths.map(width => '-'.repeat(width)).join('  ')
  return [...text.slice(0, 1), rule, ...text.slice(1, -1), rule, ...text.slice(-1)].join('\n')
}

function cells({ service, recorded, counted }: Row): string[] {
  const kinds = ['lookups', 'registrations'] as const
  return [service, ...kinds.flatMap(kind => [`${recorded[kind]}`, `${counted[kind]}`, signed(counted[kind] - recorded[kind])])]
}

function signed(difference: number): string {
  return difference > 0 ? `+${difference}` : `${difference}`
}

function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce((a, b) => ({ lookups: a.lookups + b.lookups, registrations: a.registrations + b.registrations }), none)
}
