import { parseExposition } from '../../demo/exposition.ts'
import { families } from '../../src/core/families.ts'
import { seriesName } from '../e2e/series.ts'
import { risingNames } from './page.ts'

/** One series that does not say what it must. A series that is absent and one that is zero are alike. */
export interface Difference {
  series: string
  expected: number
  shown: number
}

const LAST_DEPLOYMENT = 'discovery_last_deployment_timestamp_seconds'
const AGENTS = 'discovery_agents'
/** Gauges that are held against the truth. Which agents are silent hangs on append times, so only how many there are is compared. */
const gauges = ['discovery_instances', 'discovery_version_instances', LAST_DEPLOYMENT, AGENTS]
/** Sums of microseconds are exact until they are divided into seconds. */
const TOLERANCE = 1e-12

const compared: ReadonlySet<string> = new Set([...risingNames, ...gauges])
/** Families that nothing here looks at. */
export const notCompared: readonly string[] = families.map(({ name }) => name).filter(name =>
  ![name, `${name}_count`].some(sample => compared.has(sample)))

export interface Shown {
  /** Every series that is compared and not zero. */
  series: Map<string, number>
  /** Those that more than one page shows. */
  twice: string[]
}

/** What several pages show together, under the names that the truth has. `began`: seconds since the epoch. */
export function shownOn(pages: readonly string[], { began, now }: { began: number; now: number }): Shown {
  const shown: Shown = { series: new Map(), twice: [] }
  for (const page of pages) {
    const own = new Map<string, number>()
    for (const { name, labels, value } of parseExposition(page).samples) {
      if (labels['shard'] === undefined || !compared.has(name) || isDelay(name, labels)) continue
      const { state: _, ...stateless } = labels
      const series = seriesName(name, name === AGENTS ? stateless : labels)
      const isLatest = name === LAST_DEPLOYMENT && value >= began && value <= now
      own.set(series, (own.get(series) ?? 0) + (isLatest ? 1 : value))
    }
    for (const [series, value] of own) {
      if (shown.series.has(series)) shown.twice.push(series)
      if (value !== 0) shown.series.set(series, value)
    }
  }
  return shown
}

export function differencesOf(expected: ReadonlyMap<string, number>, shown: ReadonlyMap<string, number>): Difference[] {
  return [...new Set([...expected.keys(), ...shown.keys()])]
    .map(series => ({ series, expected: expected.get(series) ?? 0, shown: shown.get(series) ?? 0 }))
    .filter(({ expected: wanted, shown: found }) => !isSame(wanted, found))
}

export function isSame(wanted: number, found: number): boolean {
  return Math.abs(wanted - found) <= TOLERANCE * Math.abs(wanted)
}

/** What all series of a name add up to, by name. */
export function sumsByName(series: ReadonlyMap<string, number>): Map<string, number> {
  const sums = new Map<string, number>()
  for (const [text, value] of series) {
    const name = text.slice(0, text.indexOf('{'))
    sums.set(name, (sums.get(name) ?? 0) + value)
  }
  return sums
}

/** How long events were under way is the broker's to say; how many, it is not. */
function isDelay(name: string, labels: Readonly<Record<string, string>>): boolean {
  return name === 'discovery_event_delay_seconds_sum' || (name === 'discovery_event_delay_seconds_bucket' && labels['le'] !== '+Inf')
}
