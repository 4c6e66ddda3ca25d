import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { differencesOf, shownOn, type Shown } from './compare.ts'
import type { Fleet } from './fleet.ts'
import type { SentAll } from './producer.ts'
import { fetchPage } from './fetch-page.ts'

const DRAIN_MS = 90_000
/** Counts that are right are looked at once more after this: what is counted twice may come late. */
const SETTLE_MS = 3_000
const LONGEST_REASON = 1_000

export interface End {
  shown: Shown
  /** From the last record's acknowledgement until all was shown; null: it never was. */
  seconds: number | null
  /** Why replicas were not ready then, in their own words. */
  notReady: string[]
}

/** Waits until the replicas show what was sent, and a little longer. */
export async function drain(
  { fleet, sent, began, signal }: { fleet: Fleet; sent: SentAll; began: number; signal: AbortSignal },
): Promise<End> {
  const started = performance.now()
  let seconds: number | null = null
  for (;;) {
    const pages = await Promise.all(fleet.running.map(({ place }) => fetchPage(place.port)))
    const shown = shownOn(pages.filter(page => page !== undefined), { began, now: Date.now() / 1_000 + 1 })
    const passed = performance.now() - started
    if (seconds !== null || passed > DRAIN_MS) return { shown, seconds, notReady: await reasons(fleet) }
    if (shown.twice.length === 0 && differencesOf(sent.series, shown.series).length === 0) seconds = passed / 1_000
    await pause(seconds === null ? 1_000 : SETTLE_MS, undefined, { signal })
  }
}

async function reasons({ running }: Fleet): Promise<string[]> {
  const answers = await Promise.all(running.map(async ({ name, place: { port } }) => {
    const response = await fetch(`http://127.0.0.1:${port}/-/ready`, { signal: AbortSignal.timeout(2_000) })
    return response.ok ? [] : [`${name}: ${(await response.text()).slice(0, LONGEST_REASON)}`]
  }).map(answer => answer.catch((error: unknown) => [String(error)])))
  return answers.flat()
}

/** Leaves what was expected and shown, series by series, so that two files can be compared. */
export async function keep(folder: string, books: Record<'expected' | 'shown', ReadonlyMap<string, number>>): Promise<void> {
  for (const [name, series] of Object.entries(books)) {
    await writeFile(join(folder, `${name}.txt`), [...series].map(([text, value]) => `${text} ${value}\n`).toSorted().join(''))
  }
}
