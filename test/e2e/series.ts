import type { Sample } from '../../demo/exposition.ts'
import { findingsFamily } from '../../src/prometheus/findings-family.ts'

/** Series of the fold: those that name a shard, but for what one replica finds in the whole map, which comes and goes with time. */
export function foldSamples(samples: readonly Sample[]): Sample[] {
  return samples.filter(({ name, labels }) => labels['shard'] !== undefined && name !== findingsFamily.name)
}

/** A series as one text, its labels in the order of their names; one without a value is as good as absent. */
export function seriesName(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).filter(([label, value]) => label !== '__name__' && value !== '')
  return `${name}{${pairs.map(([label, value]) => `${label}=${JSON.stringify(value)}`).toSorted().join(',')}}`
}

/** What of the one list is not in the other, each time that it is listed. */
export function differences(wanted: readonly string[], found: readonly string[]): { missing: string[]; unexpected: string[] } {
  const missing = [...wanted]
  const unexpected = found.filter(name => {
    const at = missing.indexOf(name)
    if (at >= 0) missing.splice(at, 1)
    return at < 0
  })
  return { missing, unexpected }
}

export const noDifferences = { missing: [], unexpected: [] }
