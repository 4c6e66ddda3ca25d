import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { topicNames } from '../src/contract/topics.ts'
import type { Moment } from './inside.ts'
import { scrape } from './page.ts'
import { Served, type ServedOptions } from './served.ts'
import type { Site } from './site.ts'

const bareConsumer = fileURLToPath(new URL('./bare-consume.ts', import.meta.url))
/** Drained before the clock starts: joining the group, and code that is not compiled yet. */
const WARM_UP = 0.25
const LOOK_EVERY_MS = 50
const SHOWN_MS = 600_000

export interface Drained {
  /** From the end of the warm-up until `/metrics` showed all of them. */
  recordsPerSecond: number
  /** The same until all were read; they are shown up to a checkpoint's interval later. */
  readPerSecond: number
  /** Until all were read: the pages by which the benchmark finds out what is shown are not the service's work. */
  cpuMicrosPerRecord: number
}

export type Read = Pick<Drained, 'readPerSecond' | 'cpuMicrosPerRecord'>

type Measured = Pick<Moment, 'records' | 'at' | 'cpu'>
let groups = 0

/** A `serve` with a group and a checkpoint topic of its own that will read all of the inputs. */
export async function freshServe(site: Site, { flags = [], ...options }: Pick<ServedOptions, 'flags' | 'tellAt' | 'policy'>): Promise<Served> {
  const { brokers, topicPrefix, create } = site
  const name = `${topicPrefix}group-${groups++}`
  await create(topicNames(topicPrefix, name))
  return Served.start({ brokers, topicPrefix, ...options, flags: [`--kafka.group-id=${name}`, `--kafka.checkpoint-topic=${name}`, ...flags] })
}

/** Drains a backlog of so many look-ups by `serve`. */
export async function drainByServe(site: Site, { records, flags }: { records: number; flags: readonly string[] }): Promise<Drained> {
  const served = await freshServe(site, { flags, tellAt: [Math.floor(records * WARM_UP), records] })
  const begun = await served.told()
  const read = await served.told()
  const at = await untilShown(served, records)
  await served.stop()
  return { ...between(begun, read), recordsPerSecond: between(begun, { ...read, at, records }).recordsPerSecond }
}

/** The same, only until all are read. */
export async function readByServe(site: Site, { records, flags }: { records: number; flags: readonly string[] }): Promise<Read> {
  const served = await freshServe(site, { flags, tellAt: [Math.floor(records * WARM_UP), records] })
  const begun = await served.told()
  const read = await served.told()
  await served.stop()
  return between(begun, read)
}

/** Resolves when `/metrics` shows so many look-ups, to that moment in milliseconds since the epoch. Throws after ten minutes. */
export async function untilShown(served: Served, lookups: number): Promise<number> {
  for (const began = Date.now(); Date.now() - began < SHOWN_MS;) {
    const page = await scrape(served.url)
    if (page !== null && page.lookups > lookups) throw new Error(`/metrics shows ${page.lookups} look-ups of ${lookups}`)
    if (page?.lookups === lookups) return page.at
    await delay(LOOK_EVERY_MS)
  }
  throw new Error(`/metrics does not show ${lookups} look-ups:\n${served.output}`)
}

/** The same topic read by kafkajs, which does nothing with it. */
export async function drainByKafkajs({ brokers }: Site, { topic, records }: { topic: string; records: number }): Promise<Drained> {
  const args = [bareConsumer, brokers.join(','), topic, String(Math.floor(records * WARM_UP)), String(records)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const [begun, ended] = stdout.trim().split('\n').map(line => JSON.parse(line) as Measured)
  if (begun === undefined || ended === undefined) throw new Error(`bare-consume.ts told nothing: ${stdout}`)
  return between(begun, ended)
}

function between(begun: Measured, ended: Measured): Drained {
  const records = ended.records - begun.records
  if (records <= 0) throw new Error('all was read at once: drain a longer backlog')
  const recordsPerSecond = records / ((ended.at - begun.at) / 1_000)
  return { recordsPerSecond, readPerSecond: recordsPerSecond, cpuMicrosPerRecord: (ended.cpu - begun.cpu) * 1_000 / records }
}
