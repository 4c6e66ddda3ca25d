import { stringify } from 'yaml'
import { levels, quantiles, quantileWindows, windows, type Level, type Quantiles, type Rate, type Ratio } from './recording-table.ts'

/** A recording rule as Prometheus reads it, and what it is for. */
export interface Rule {
  record: string
  expr: string
  labels?: Readonly<Record<string, string>>
}

export interface Group {
  name: string
  interval: string
  rules: Rule[]
}

/** Longer than the hand-over of a partition from a dead replica takes (6 s to miss it, then a scrape of 15 s), several times over. */
const HAND_OVER = '2m'
const INSTANCES = 'discovery_instances'

/** The groups of `recording.yml`: one for each level and window, finer levels first. */
export function recordingGroups(): Group[] {
  return levels.flatMap(level => [
    ...(level.instances ? [{ name: `discovery-${level.name}-now`, interval: windows[0].interval, rules: [instancesRule(level)] }] : []),
    ...windows.map(({ window, interval }) => ({ name: `discovery-${level.name}-${window}`, interval, rules: rulesOf(level, window) })),
  ])
}

/** Name of a rate's rule, by Prometheus' convention: `level:metric:operation`, where the level tells the labels. */
export function rateName({ name }: Pick<Level, 'name'>, { of, kept }: Rate, window: string): string {
  return `${[name, ...kept].join('_')}:${of.replace(/_total$/, '')}:rate${window}`
}

/** Name of the rule of the instances. */
export function instancesName({ name }: Pick<Level, 'name'>): string {
  return `${name}_status:${INSTANCES}:sum`
}

/** The text of `recording.yml`. */
export function recordingFile(): string {
  return INTRODUCTION + stringify({ groups: recordingGroups() }, { lineWidth: 130, singleQuote: true })
}

function rulesOf(level: Level, window: string): Rule[] {
  return [
    ...level.rates.map(rate => rateRule(level, rate, window)),
    ...level.ratios.map(ratio => ratioRule(level, ratio, window)),
    ...(quantileWindows.includes(window) ? level.quantiles.flatMap(each => quantileRules(level, each, window)) : []),
  ]
}

function rateRule(level: Level, rate: Rate, window: string): Rule {
  const rated = level.finer ? rateName(level.finer, rate, window) : `rate(${rate.of}[${window}])`
  return { record: rateName(level, rate, window), expr: sum(level, rate.kept, rated) }
}

function ratioRule(level: Level, { name, all, part }: Ratio, window: string): Rule {
  const whole = rateName(level, all, window)
  // An outcome's series is born with its first event: until then, 0 stands for it.
  const parts = typeof part === 'string' ? `${whole}{${part}} or 0 * ${whole}` : rateName(level, part, window)
  return { record: `${level.name}:${name}:ratio_rate${window}`, expr: `${sum(level, [], parts)} / (${sum(level, [], whole)} > 0)` }
}

function quantileRules(level: Level, { name, of }: Quantiles, window: string): Rule[] {
  const buckets = sum(level, ['le'], rateName(level, of, window))
  return quantiles.map(quantile => ({
    record: `${level.name}:${name}:histogram_quantile_rate${window}`,
    // NaN, which is what nothing has for a quantile, is not at or above anything.
    expr: `histogram_quantile(${quantile}, ${buckets}) >= 0`,
    labels: { quantile },
  }))
}

function instancesRule(level: Level): Rule {
  const each = level.finer ? instancesName(level.finer) : `last_over_time(${INSTANCES}[${HAND_OVER}])`
  return { record: instancesName(level), expr: sum(level, ['status'], each) }
}

function sum({ labels }: Level, kept: readonly string[], what: string): string {
  return `sum by (${[...labels, ...kept].join(', ')}) (${what})`
}

const INTRODUCTION = `\
# Written by \`node ops/prometheus/write.ts\` from recording-table.ts; a test fails when it is stale. docs/recording-rules.md says what each
# rule is for, and why they are as they are.
`
