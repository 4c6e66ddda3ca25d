import type { Sample } from './exposition.ts'
import { nameOf, type Tallies, type Tally } from './ledger.ts'

const kinds: Readonly<Record<string, keyof Tally>> = {
  discovery_lookups_total: 'lookups',
  discovery_registrations_total: 'registrations',
}

/** What scrapes of all replicas count together, service by service. Each series is of the replica that owns its shard, so they add up. */
export function countedIn(scrapes: readonly (readonly Sample[])[]): Tallies {
  const tallies = new Map<string, Tally>()
  for (const { name, labels, value } of scrapes.flat()) {
    const kind = kinds[name]
    if (kind === undefined) continue
    const service = nameOf({ namespace: labels['namespace'] ?? '', service: labels['service'] ?? '' })
    const tally = tallies.get(service) ?? { lookups: 0, registrations: 0 }
    tally[kind] += value
    tallies.set(service, tally)
  }
  return tallies
}
