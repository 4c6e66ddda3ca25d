import type { PrometheusClient } from '../e2e/prometheus-server.ts'
import { until } from '../support/until.ts'
import { isSame, sumsByName } from './compare.ts'
import { risingNames } from './page.ts'

/** What a Prometheus that scraped all replicas all along has of the run. */
export interface Seen {
  /** Times that a series went down, by sample name; those that never did are left out. */
  resets: Record<string, number>
  /** Sample names whose sum is not the truth's. */
  differences: { name: string; expected: number; shown: number }[]
  /** Most samples of one series within ten seconds; it is scraped every second, by whichever replica shows it. */
  mostSamples: number
}

const SUMS_MS = 20_000
/** A hand-over within a second may add one sample, and there may be several within ten seconds. */
export const MOST_SAMPLES = 14
/** Every shard has series of it. */
const EVERYWHERE = 'discovery_event_delay_seconds_count'

/** Asks once the last scrape is in, family by family. `since`: milliseconds of the monotonic clock. */
export async function askPrometheus(prometheus: PrometheusClient, truth: ReadonlyMap<string, number>, since: number): Promise<Seen> {
  const sums = sumsByName(truth)
  const differing = (): Promise<Seen['differences']> => differentSums(prometheus, sums)
  await until(async () => (await differing()).length === 0, { timeoutMs: SUMS_MS, intervalMs: 1_000, message: 'its sums' }).catch(() => {})
  const range = `${Math.ceil((performance.now() - since) / 1_000) + 5}s`
  const resets: Record<string, number> = {}
  for (const name of risingNames) {
    const times = (await prometheus.scalar(`sum(resets(${name}[${range}]))`)) ?? 0
    if (times > 0) resets[name] = times
  }
  const most = `max_over_time(max(count_over_time(${EVERYWHERE}[10s]))[${range}:1s])`
  return { resets, differences: await differing(), mostSamples: (await prometheus.scalar(most)) ?? 0 }
}

async function differentSums(prometheus: PrometheusClient, sums: ReadonlyMap<string, number>): Promise<Seen['differences']> {
  const differences: Seen['differences'] = []
  for (const name of risingNames.filter(each => !each.startsWith('discovery_event_delay_seconds') || each === EVERYWHERE)) {
    const [expected, shown] = [sums.get(name) ?? 0, (await prometheus.scalar(`sum(${name})`)) ?? 0]
    // It adds floating seconds in another order than we do.
    const isClose = name.endsWith('_sum') && Math.abs(expected - shown) < 1e-9 * expected
    if (!isSame(expected, shown) && !isClose) differences.push({ name, expected, shown })
  }
  return differences
}
