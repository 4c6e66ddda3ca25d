import type { Difference } from './compare.ts'
import { takeoverCauses, type TakeoverCause } from './measures.ts'
import type { FaultKind } from './plan.ts'
import { MOST_SAMPLES, type Seen } from './prometheus-checks.ts'
import type { Violation, ViolationKind } from './watcher.ts'

export interface TakeoverSummary {
  count: number
  medianSeconds: number | null
  maxSeconds: number | null
}

export interface ChaosReport {
  ok: boolean
  /** Why it is not, one line each. */
  failures: string[]
  seed: number
  durationSeconds: number
  replicas: number
  partitions: number
  /** Sent, those repeated on purpose and those that are no events included. */
  records: number
  recordsPerSecond: number
  /** Weights included, repetitions not. */
  lookups: number
  faults: Record<FaultKind, number>
  /** Series that are not what was sent, at the end; the first of them. */
  differences: number
  differenceExamples: Difference[]
  seriesCompared: number
  seriesTwice: number
  stepsBack: number
  beyond: number
  violationExamples: string[]
  /** Partitions whose log does not hold as many records as were sent: then the truth is none. */
  logFaults: string[]
  /** Processes that ended by themselves, or not as asked. */
  deaths: string[]
  prometheus: Seen
  resets: number
  longestWithoutProgressSeconds: number
  takeovers: Record<TakeoverCause, TakeoverSummary>
  drainSeconds: number | null
  /** Why replicas were not ready at the end, in their own words. */
  notReady: string[]
  familiesNotCompared: readonly string[]
}

/** Violations by kind, and the first of each. */
export class Violations {
  readonly counts: Record<ViolationKind, number> = { 'step-back': 0, 'twice': 0, 'beyond': 0 }
  readonly examples: string[] = []

  add({ kind, text }: Violation, seconds: number): void {
    this.counts[kind]++
    if (this.counts[kind] <= EXAMPLES) this.examples.push(`${kind} at ${seconds.toFixed(1)} s: ${text}`)
  }
}

export const EXAMPLES = 10

/** What is wrong with a run; nothing if it proves what it is to prove. */
export function failuresOf(report: Omit<ChaosReport, 'ok' | 'failures'>): string[] {
  const { prometheus } = report
  const counts: [number, string][] = [
    [report.logFaults.length, 'partitions do not hold what was sent: the truth is not to be trusted'],
    [report.differences, 'series differ from what was sent'],
    [report.seriesTwice, 'times a shard was shown by two replicas'],
    [report.stepsBack, 'times a series was lower than before'],
    [report.beyond, 'times more was shown than sent'],
    [report.resets, 'resets in Prometheus'],
    [prometheus.differences.length, 'sums in Prometheus differ'],
    [Math.max(0, prometheus.mostSamples - MOST_SAMPLES), 'samples of one series too many within ten seconds in Prometheus'],
    [report.notReady.length, 'replicas are not ready at the end'],
    [report.deaths.length, 'replicas ended by themselves or not as asked'],
  ]
  return counts.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`)
}

export function summary(millis: readonly number[]): TakeoverSummary {
  const sorted = millis.map(each => each / 1_000).toSorted((a, b) => a - b)
  return { count: sorted.length, medianSeconds: sorted[Math.floor(sorted.length / 2)] ?? null, maxSeconds: sorted.at(-1) ?? null }
}

export function renderReport(report: ChaosReport): string {
  const { prometheus } = report
  const faults = Object.entries(report.faults).map(([kind, count]) => `${kind} ${count}`).join(', ')
  const takeovers = takeoverCauses.map(cause => takeoverText(cause, report.takeovers[cause]))
  return [
    `seed ${report.seed}, ${report.durationSeconds} s, at most ${report.replicas} replicas, ${report.partitions} partitions`,
    `records ${report.records} (${report.recordsPerSecond}/s), look-ups ${report.lookups}`,
    `faults ${sumOf(Object.values(report.faults))}: ${faults}`,
    `differences ${report.differences} of ${report.seriesCompared} series`,
    `steps back ${report.stepsBack}, shown twice ${report.seriesTwice}, beyond what was sent ${report.beyond}`,
    `Prometheus: resets ${report.resets}, sums that differ ${prometheus.differences.length}, `
    + `most samples of a series in 10 s ${prometheus.mostSamples}`,
    `longest without progress ${report.longestWithoutProgressSeconds.toFixed(1)} s`,
    ...takeovers,
    `drained ${report.drainSeconds === null ? 'never' : `${report.drainSeconds.toFixed(1)} s after the last record`}`,
    ...(report.familiesNotCompared.length > 0 ? [`not compared: ${report.familiesNotCompared.join(', ')}`] : []),
    ...details(report),
    report.ok ? 'OK' : `FAILED: ${report.failures.join('; ')}`,
  ].join('\n')
}

function takeoverText(cause: TakeoverCause, { count, medianSeconds, maxSeconds }: TakeoverSummary): string {
  const name = cause === 'kill' ? 'takeover after kill -9' : 'takeover after SIGTERM'
  if (count === 0) return `${name}: not measured`
  return `${name}: median ${medianSeconds?.toFixed(1)} s, longest ${maxSeconds?.toFixed(1)} s, of ${count}`
}

function details({ differenceExamples, violationExamples, logFaults, deaths, notReady, prometheus }: ChaosReport): string[] {
  return [
    ...differenceExamples.map(({ series, expected, shown }) => `  differs: ${series} is ${shown}, should be ${expected}`),
    ...violationExamples.map(text => `  ${text}`),
    ...logFaults.map(text => `  log: ${text}`),
    ...notReady.map(text => `  not ready: ${text}`),
    ...deaths.map(text => `  ended: ${text}`),
    ...Object.entries(prometheus.resets).map(([name, times]) => `  reset in Prometheus: ${name} ${times} times`),
    ...prometheus.differences.map(({ name, expected, shown }) => `  sum in Prometheus: ${name} is ${shown}, should be ${expected}`),
  ]
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}
