import type { AnyCell, CellKind, CellOf } from '../../../src/core/cells.ts'
import type { CellSource } from '../../../src/views/shard.ts'

/** All cells as text, to be compared: without what only the fold's bookkeeping needs. */
export function textOf(cells: CellSource, { but = [] }: { but?: readonly CellKind[] } = {}): string {
  const kinds = (Object.keys(cells) as CellKind[]).filter(kind => !but.includes(kind))
  return kinds.flatMap(kind => Array.from(cells[kind].values() as Iterable<AnyCell>, lineOf)).toSorted().join('\n')
}

const bookkeeping: ReadonlySet<string> = new Set(['changed', 'takenAsOf', 'expiresAt', 'takenBytes', 'detached'])

function lineOf(cell: AnyCell): string {
  return JSON.stringify(cell, (name, value: unknown) => {
    if (bookkeeping.has(name)) return undefined
    if (value instanceof Map) return [...value]
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? inOrder(value) : value
  })
}

function inOrder(value: object): object {
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** The first lines in which two texts differ. */
export function difference(seen: string, wanted: string): string {
  const [all, expected] = [new Set(seen.split('\n')), new Set(wanted.split('\n'))]
  const [more] = [...all].filter(line => !expected.has(line))
  const [missing] = [...expected].filter(line => !all.has(line))
  return `seen   ${more ?? '-'}\nwanted ${missing ?? '-'}`
}

/** Every number that Prometheus sees as a counter, by a name. An edge that expired and came back is another one. */
export function countersOf(cells: CellSource): Map<string, number> {
  const counters = new Map<string, number>()
  for (const cell of cells.lookups.values()) note(counters, cell, cell)
  for (const cell of cells.lookupError.values()) note(counters, cell, { count: cell.count })
  for (const cell of cells.edge.values()) note(counters, cell, { [cell.firstSeen]: cell.totals })
  for (const cell of cells.registrations.values()) note(counters, cell, counted(cell))
  for (const cell of cells.registrationError.values()) note(counters, cell, { count: cell.count })
  for (const cell of cells.accounts.values()) note(counters, cell, { recorded: cell.recorded, dropped: cell.dropped })
  for (const cell of cells.arrivals.values()) note(counters, cell, cell)
  return counters
}

function counted({ operations, duration, leaseExpirations, deployments }: CellOf['registrations']): object {
  return { operations, duration, leaseExpirations, deployments }
}

const gauges: ReadonlySet<string> = new Set(['asOf', 'expiresAt', 'takenAsOf', 'takenBytes'])

function note(counters: Map<string, number>, { kind, key }: AnyCell, counts: object): void {
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'number') counters.set(path, value)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) if (!gauges.has(name)) walk(part, `${path} ${name}`)
    }
  }
  walk(counts, `${kind} ${key}`)
}

/** What all edges add up to. */
export function edgeSums(cells: CellSource): string {
  const sums = { lookups: 0, failures: 0, duration: 0, cacheResults: [0, 0, 0, 0, 0] }
  for (const { totals } of cells.edge.values()) {
    sums.lookups += totals.lookups
    sums.failures += totals.failures
    sums.duration += totals.duration.sum
    totals.cacheResults.forEach((count, index) => { sums.cacheResults[index] = (sums.cacheResults[index] ?? 0) + count })
  }
  return JSON.stringify(sums)
}
