import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Broker } from '../../broker/broker.ts'
import { findBroker } from '../../broker/find.ts'
import { createRandom } from '../../demo/random.ts'
import { topicNames } from '../../src/contract/topics.ts'
import { differencesOf, notCompared } from './compare.ts'
import { deploy, START_REPLICAS, type Undo } from './deployment.ts'
import { drain, keep, type End } from './ending.ts'
import type { Fleet } from './fleet.ts'
import { Injector } from './injector.ts'
import { logFaults } from './log-check.ts'
import type { ChaosOptions } from './options.ts'
import { plan } from './plan.ts'
import { ProducerThread, type SentAll } from './producer.ts'
import { askPrometheus, type Seen } from './prometheus-checks.ts'
import { EXAMPLES, failuresOf, summary, sumOf, type ChaosReport } from './report.ts'
import { SharedTotals } from './totals.ts'
import { startWatch, statusText, type Watch } from './watch.ts'

const WARM_UP_MS = 2_000
const STATUS_MS = 5_000
/** Runs longer than this leave more time between two faults, at times. */
const LONG_RUN_MS = 100_000
const SLACK_MS = 5_000

export interface RunContext {
  signal: AbortSignal
  say: (text: string) => void
}

/** A whole run: broker, replicas, Prometheus, producer, faults, and what became of it. Rejects with a ChaosError or a BrokerError. */
export async function runChaos(options: ChaosOptions, context: RunContext): Promise<ChaosReport> {
  const undo: Undo = []
  try {
    return await run(options, { ...context, undo })
  } finally {
    for (const step of undo.toReversed()) await step().catch((error: unknown) => context.say(`while ending: ${String(error)}`))
  }
}

async function run(options: ChaosOptions, context: RunContext & { undo: Undo }): Promise<ChaosReport> {
  const { say, undo, signal } = context
  const broker = await findBroker({ onProgress: say })
  undo.push(() => broker.stop())
  // Of its own, since an external broker may hold what another run left there.
  const topicPrefix = `chaos-${randomBytes(4).toString('hex')}.`
  const { fleet, prometheus, logFolder } = await deploy(options, { broker, topicPrefix, ...context })
  const began = { wall: Date.now() / 1_000, monotonic: performance.now() }
  const topics = topicNames(topicPrefix)
  const totals = new SharedTotals()
  const producer = await ProducerThread.start({
    ...options, brokers: broker.brokers, totals: totals.buffer,
    topics: { registration: topics.registrations, lookup: topics.lookups, agent: topics.agents },
  })
  undo.push(() => producer.terminate())
  const watch = startWatch(fleet, { totals, began: began.monotonic })
  undo.push(() => watch.scraper.stop())
  const injector = new Injector({ broker, fleet, scraper: watch.scraper, takeovers: watch.takeovers, say })
  const status = setInterval(() => say(statusText({ fleet, totals, watch, injector, began: began.monotonic })), STATUS_MS)
  undo.push(() => Promise.resolve(clearInterval(status)))

  await Promise.race([injectFaults(injector, { options, broker, signal }), producer.death])
  say('the faults are over; waiting until Kafka has all records, and the replicas have counted them')
  const sent = await producer.stop()
  const sentFor = performance.now() - began.monotonic
  const end = await drain({ fleet, sent, began: began.wall, signal })
  await watch.scraper.stop()
  clearInterval(status)
  const seen = await askPrometheus(prometheus, sent.series, began.monotonic)
  if (options.keep) await keep(logFolder, { expected: sent.series, shown: end.shown.series })
  const logs = await logFaults(broker.brokers, topicPrefix, sent.records)
  return reportOf(options, { fleet, watch, injector, sent, sentFor, end, seen, logs })
}

interface Outcome {
  fleet: Fleet
  watch: Watch
  injector: Injector
  sent: SentAll
  /** Milliseconds. */
  sentFor: number
  end: End
  seen: Seen
  logs: string[]
}

function reportOf({ seed, replicas, partitions }: ChaosOptions, outcome: Outcome): ChaosReport {
  const { fleet, watch: { violations, stall, takeovers }, injector, sent, sentFor, end, seen, logs } = outcome
  const found = differencesOf(sent.series, end.shown.series)
  const report: Omit<ChaosReport, 'ok' | 'failures'> = {
    seed, replicas, partitions, durationSeconds: Math.round(sentFor / 1_000), records: sent.sent,
    recordsPerSecond: Math.round(sent.sent / (sentFor / 1_000)), lookups: sent.totals.get('discovery_lookups_total') ?? 0,
    faults: injector.injected, differences: found.length, differenceExamples: found.slice(0, EXAMPLES), seriesCompared: sent.series.size,
    seriesTwice: violations.counts.twice + end.shown.twice.length, stepsBack: violations.counts['step-back'],
    beyond: violations.counts.beyond, violationExamples: violations.examples, logFaults: logs, deaths: fleet.deaths,
    prometheus: seen, resets: sumOf(Object.values(seen.resets)), longestWithoutProgressSeconds: stall.longest / 1_000,
    takeovers: { kill: summary(takeovers.millis.kill), terminate: summary(takeovers.millis.terminate) },
    drainSeconds: end.seconds, notReady: end.notReady, familiesNotCompared: notCompared,
  }
  const failures = failuresOf(report)
  return { ok: failures.length === 0, failures, ...report }
}

/** Faults one after another until the time is over, and every kind has been seen: each recovery takes the time that it takes. */
async function injectFaults(
  injector: Injector, { options, broker, signal }: { options: ChaosOptions; broker: Broker; signal: AbortSignal },
): Promise<void> {
  const end = performance.now() + options.duration
  const faults = plan(createRandom(options.seed).fork('faults'), {
    start: Math.min(START_REPLICAS, options.replicas), fewest: options.replicas > 2 ? 2 : 1, most: options.replicas,
    sessionTimeout: options.sessionTimeout, slack: options.duration > LONG_RUN_MS ? SLACK_MS : 0, broker: broker.kind !== 'external',
  })
  await pause(WARM_UP_MS, undefined, { signal })
  for (const fault of faults) {
    if (performance.now() + fault.hold > end && injector.injected[fault.kind] > 0) break
    await injector.inject(fault)
    await pause(fault.settle, undefined, { signal })
  }
  await pause(Math.max(0, end - performance.now()), undefined, { signal })
}

