import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter } from 'prom-client'

// Loaded into `serve` by `--import`: tells the benchmark, over the channel of a forked process, what a scrape would tell. A page costs
// more the more the view holds, so scraping would slow down one side of a comparison and not the other.

/** Sums up records read, over all topics. */
const COUNTED = 'discovery_aggregator_messages_total'
const NANOSECONDS = 1e6

/** The process at one moment. */
export interface Moment {
  /** Records read so far. */
  records: number
  /** Milliseconds since the epoch, to fractions. */
  at: number
  /** Of the processors since the process began, in milliseconds. */
  cpu: number
  /** The most memory that it has held, in bytes. */
  peakMemory: number
  /** The longest time for which the event loop did not turn, in milliseconds; loading the modules is left out. */
  longestBlock: number
  /** What it holds now, in bytes: resident, and of these what JavaScript holds on its heap and outside of it. */
  resident: number
  held: number
}

/** `now`: how it is. `reset`: the same, and the longest block is measured anew from here on. `collect`: the same, after a collection of garbage. */
export type Question = 'now' | 'reset' | 'collect'

const delays = monitorEventLoopDelay({ resolution: 5 })
delays.enable()
setImmediate(() => delays.reset())
let records = 0
const atCounts = new Set((process.env['BENCH_TELL_AT'] ?? '').split(',').filter(text => text !== '').map(Number))

// What prom-client 15 makes `inc` of each counter.
type Increase = (this: Counter & { name: string }, labels: object, by?: number) => void
const prototype = Counter.prototype as unknown as { incWithoutExemplar: Increase | undefined }
const increase = prototype.incWithoutExemplar
if (increase === undefined) throw new Error('prom-client counts by another method now: change bench/inside.ts')
prototype.incWithoutExemplar = function (labels, by = 1) {
  increase.call(this, labels, by)
  if (this.name !== COUNTED) return
  records += by
  for (const wanted of atCounts) {
    if (records < wanted) continue
    atCounts.delete(wanted)
    process.send?.(moment())
  }
}

process.on('message', (question: Question) => {
  if (question === 'collect') (globalThis as { gc?: () => void }).gc?.()
  process.send?.(moment())
  if (question === 'reset') delays.reset()
})
process.channel?.unref()

function moment(): Moment {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage() // array buffers are part of what is external
  return {
    records, at: performance.timeOrigin + performance.now(), cpu: (user + system) / 1_000,
    peakMemory: process.resourceUsage().maxRSS * 1_024, longestBlock: delays.max / NANOSECONDS,
    resident: rss, held: heapUsed + external,
  }
}
