import type { Fleet } from './fleet.ts'
import type { Injector } from './injector.ts'
import { Stall, Takeovers } from './measures.ts'
import { sumOf, Violations } from './report.ts'
import { Scraper } from './scraper.ts'
import type { SharedTotals } from './totals.ts'
import { Watcher } from './watcher.ts'

const INTERVAL_MS = 700
/** While a takeover is measured. */
const QUICK_INTERVAL_MS = 200

export interface Watch {
  violations: Violations
  stall: Stall
  takeovers: Takeovers
  watcher: Watcher
  scraper: Scraper
}

/** Watches all replicas until its scraper is stopped. `began`: milliseconds of the monotonic clock. */
export function startWatch(fleet: Fleet, { totals, began }: { totals: SharedTotals; began: number }): Watch {
  const violations = new Violations()
  const stall = new Stall()
  const takeovers = new Takeovers()
  const watcher = new Watcher({ limit: family => totals.of(family) })
  const scraper = new Scraper({
    fleet, watcher,
    interval: () => (takeovers.waiting ? QUICK_INTERVAL_MS : INTERVAL_MS),
    onViolation: violation => violations.add(violation, (performance.now() - began) / 1_000),
    onAnswer: answer => {
      takeovers.take(answer)
      stall.note(answer.answered, { shown: watcher.sum('discovery_lookups_total'), acknowledged: totals.acknowledged })
    },
  })
  return { violations, stall, takeovers, watcher, scraper }
}

interface StatusParts {
  fleet: Fleet
  totals: SharedTotals
  watch: Watch
  injector: Injector
  began: number
}

/** How far it is, in one line. */
export function statusText({ fleet, totals, watch, injector, began }: StatusParts): string {
  const seconds = ((performance.now() - began) / 1_000).toFixed(0)
  const { counts } = watch.violations
  return `${seconds} s: ${totals.acknowledged} of ${totals.begun} records taken, ${watch.watcher.sum('discovery_lookups_total')} of `
    + `${totals.of('discovery_lookups_total')} look-ups shown, ${fleet.running.length} replicas, `
    + `${sumOf(Object.values(injector.injected))} faults, `
    + `${counts['step-back']} steps back, ${counts.twice} twice, ${counts.beyond} beyond`
}
