import { setTimeout as pause } from 'node:timers/promises'
import { countedIn } from './counted.ts'
import { DemoError } from './errors.ts'
import type { Sample } from './exposition.ts'
import type { Tallies } from './ledger.ts'
import { summarize } from './report.ts'

const POLL_MILLIS = 500

/** What is asked of a replica here. */
export interface Counting {
  /** `REPLICA_DIED`; undefined while it runs. */
  readonly death: DemoError | undefined
  /** Rejects with `SCRAPE_FAILED`. */
  scrape(): Promise<readonly Sample[]>
}

/** Throws `REPLICA_DIED` if one of them did. */
export function checkAlive(replicas: readonly Pick<Counting, 'death'>[]): void {
  const death = replicas.map(replica => replica.death).find(error => error !== undefined)
  if (death !== undefined) throw death
}

/** What the replicas count together now; the error where a page cannot be read, as may be while partitions move. Rejects with `REPLICA_DIED`. */
export async function scrapeAll(replicas: readonly Counting[]): Promise<Tallies | DemoError> {
  checkAlive(replicas)
  try {
    return countedIn(await Promise.all(replicas.map(replica => replica.scrape())))
  } catch (error) {
    checkAlive(replicas)
    if (error instanceof DemoError) return error
    throw error
  }
}

/**
 * Waits until the replicas count what was recorded, for up to `millis`, and resolves to what they count then. They must say so twice in a
 * row: what is counted twice comes late, too. Rejects with `REPLICA_DIED`, or with `SCRAPE_FAILED` if the last page could not be read.
 */
export async function drained(
  replicas: readonly Counting[], recorded: Tallies, { millis, pollMillis = POLL_MILLIS }: { millis: number; pollMillis?: number },
): Promise<Tallies> {
  const deadline = performance.now() + millis
  for (let equal = 0; ; await pause(pollMillis)) {
    const counted = await scrapeAll(replicas)
    const late = performance.now() > deadline
    if (counted instanceof DemoError) {
      if (late) throw counted
      equal = 0
    } else {
      equal = summarize(recorded, counted).differences === 0 ? equal + 1 : 0
      if (equal >= 2 || late) return counted
    }
  }
}
