import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { readObjectives, type Objective } from './objectives.ts'
import type { Group, Rule } from './recording.ts'

/** Windows that are read from the series of the fold. */
export const rawWindows = [
  { window: '5m', interval: '30s' }, { window: '30m', interval: '1m' }, { window: '1h', interval: '1m' },
  { window: '2h', interval: '2m' }, { window: '6h', interval: '2m' },
] as const
/** Windows that add up what was recorded of a shorter one, `steps` times. A record older than five minutes would not be seen. */
const addedWindows = [
  { window: '1d', of: '5m', steps: 288, interval: '2m' }, { window: '3d', of: '5m', steps: 864, interval: '2m' },
  { window: '30d', of: '1h', steps: 720, interval: '2m' },
] as const

const LABELS = 'job, namespace, service'
const LOOKUPS = 'service:discovery_lookups:rate'
const FAILED = 'service:discovery_lookups_failed:rate'
const MEASURED = 'service:discovery_lookups_measured:rate'
const SLOW = 'service:discovery_lookups_slow:rate'
const counted = [LOOKUPS, FAILED, MEASURED, SLOW] as const
/** What spends a budget, and what it is a part of. */
const burns = [{ of: 'success', bad: FAILED, all: LOOKUPS }, { of: 'latency', bad: SLOW, all: MEASURED }] as const

/** Instances that callers can use, as the agents' clients choose them. Read over two minutes: see `HAND_OVER` in recording.ts. */
const usable: Rule = {
  record: 'service:discovery_usable_instances:sum',
  expr: `sum by (${LABELS}) (last_over_time(discovery_instances{status=~"passing|warning"}[2m]))`,
}

export function shippedObjectives(): Objective[] {
  return readObjectives(readFileSync(new URL('../objectives.yml', import.meta.url), 'utf8'))
}

/** The groups of `objective-rules.yml`. `objectives`: narrower before wider, as `readObjectives` gives them. */
export function objectiveGroups(objectives: readonly Objective[]): Group[] {
  return [
    { name: 'discovery-service-now', interval: '30s', rules: [usable] },
    ...rawWindows.map(({ window, interval }) => ({
      name: `discovery-service-${window}`, interval,
      rules: [
        ...rawRules(window, objectives), ...(window === '5m' ? objectiveRules(objectives) : []),
        ...burns.map(burn => burnRule(burn, window)),
      ],
    })),
    ...addedWindows.map(({ window, of, steps, interval }) => ({
      name: `discovery-service-${window}`, interval,
      rules: [
        ...counted.map(name => ({ record: `${name}${window}`, expr: `sum_over_time(${name}${of}[${window}:${of}]) / ${steps}` })),
        ...burns.map(burn => burnRule(burn, window)),
        ...(window === '30d' ? burns.map(budgetRule) : []),
      ],
    })),
  ]
}

/** The text of `objective-rules.yml`. */
export function objectiveFile(objectives: readonly Objective[]): string {
  return INTRODUCTION + stringify({ groups: objectiveGroups(objectives) }, { lineWidth: 130, singleQuote: true })
}

function rawRules(window: string, objectives: readonly Objective[]): Rule[] {
  const rated = (series: string): string => `sum by (${LABELS}) (rate(${series}[${window}]))`
  const within = objectives.flatMap(each => each.latency
    ? [rated(`discovery_lookup_duration_seconds_bucket{${[...matchersOf(each), `le=~"${boundPattern(each.latency.seconds)}"`].join(',')}}`)]
    : [])
  return [
    { record: `${LOOKUPS}${window}`, expr: rated('discovery_lookups_total') },
    // An outcome's series is born with its first event: until then, 0 stands for it.
    { record: `${FAILED}${window}`, expr: `${rated('discovery_lookups_total{outcome="failure"}')} or 0 * ${LOOKUPS}${window}` },
    { record: `${MEASURED}${window}`, expr: rated('discovery_lookup_duration_seconds_count') },
    // Of two floats that should be alike, one may be the larger.
    { record: `${SLOW}${window}`, expr: `clamp_min(${MEASURED}${window} - (${within.join(' or ')}), 0)` },
  ]
}

/** `le` of a bucket: Prometheus 3 writes whole numbers as 1.0, Prometheus 2 as they come. */
function boundPattern(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}|${seconds}.0` : String(seconds)
}

function objectiveRules(objectives: readonly Objective[]): Rule[] {
  const rule = (of: string, ratioOf: (objective: Objective) => number | undefined): Rule => ({
    record: `service:discovery_lookup_${of}_objective:ratio`,
    expr: objectives.flatMap(each => {
      const [matchers, ratio] = [matchersOf(each).join(','), ratioOf(each)]
      return ratio === undefined ? [] : [`0 * ${LOOKUPS}5m${matchers && `{${matchers}}`} + ${ratio}`]
    }).join(' or '),
  })
  return [rule('success', ({ success }) => success), rule('latency', ({ latency }) => latency?.ratio)]
}

function matchersOf({ namespace, service }: Objective): string[] {
  return Object.entries({ namespace, service }).flatMap(([label, value]) => value === undefined ? [] : [`${label}="${value}"`])
}

function burnRule({ of, bad, all }: (typeof burns)[number], window: string): Rule {
  const allowed = `(1 - service:discovery_lookup_${of}_objective:ratio)`
  return {
    record: `service:discovery_lookup_${of}_burn:ratio_rate${window}`,
    expr: `${bad}${window} / (${all}${window} > 0) / on (${LABELS}) ${allowed}`,
  }
}

function budgetRule({ of }: (typeof burns)[number]): Rule {
  const name = `service:discovery_lookup_${of}`
  return { record: `${name}_budget_remaining:ratio30d`, expr: `1 - ${name}_burn:ratio_rate30d` }
}

const INTRODUCTION = `\
# Written by \`node ops/prometheus/write.ts\` from ops/objectives.yml; a test fails when it is stale. docs/adr/0022-burn-rates.md says why
# the rules are as they are.
`
