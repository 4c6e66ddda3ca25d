import { stringify } from 'yaml'
import { alertGroups } from '../../../ops/alerts/table.ts'
import { readQuery } from '../../../ops/promql.ts'
import { CART, standing, STEP, type AlertCase } from './case.ts'

export interface ShippedRule {
  alert?: string
  record?: string
  expr: string
  for?: string
}

export interface RuleGroup {
  name: string
  rules: ShippedRule[]
}

/** What `promtool test rules` is given to try one alert: rules, and what is expected of it. */
export interface Trial {
  rules: string
  /** One for each length of step; `rules.yml` beside them is the rules. */
  tests: string[]
}

/** To try by itself whether an alert calls when it should. `groups`: all rules that are shipped, those that others read first. */
export function trialOf(alert: string, cases: readonly AlertCase[], groups: readonly RuleGroup[]): Trial {
  return trial(cases, rulesFor(alert, groups), testsOf)
}

/** To try which alerts call, of all that there are, while what an alert's cases tell of happens. */
export function crowdTrialOf(cases: readonly AlertCase[], groups: readonly RuleGroup[]): Trial {
  return trial(cases, groups, each => {
    const series = { ...atHome(each), ...each.series }
    return [testOf(each, `${each.alert}: ${each.says}, and all others`, { series, expected: [callers(each)] })]
  })
}

function trial(cases: readonly AlertCase[], needed: readonly RuleGroup[], tried: (each: AlertCase) => unknown[]): Trial {
  const steps = [...new Set(cases.map(stepOf))]
  const tests = steps.map(step => stringify({
    rule_files: ['rules.yml'],
    evaluation_interval: `${step}s`,
    group_eval_order: needed.map(({ name }) => name),
    tests: cases.filter(each => stepOf(each) === step).flatMap(tried),
  }))
  return { rules: stringify({ groups: needed }), tests }
}

/** The alert, and the records that it reads, by way of others. */
function rulesFor(alert: string, groups: readonly RuleGroup[]): RuleGroup[] {
  const rules = groups.flatMap(group => group.rules)
  const wanted = new Set<ShippedRule>()
  const want = (rule: ShippedRule): void => {
    if (wanted.has(rule)) return
    wanted.add(rule)
    const read = new Set(readQuery(rule.expr).selectors.map(({ name }) => name))
    for (const other of rules) if (other.record !== undefined && read.has(other.record)) want(other)
  }
  for (const rule of rules) if (rule.alert === alert) want(rule)
  return groups.map(group => ({ ...group, rules: group.rules.filter(rule => wanted.has(rule)) })).filter(group => group.rules.length > 0)
}

function testsOf(each: AlertCase): unknown[] {
  const { alert, says, series, fires, over, short } = each
  const step = stepOf(each)
  const calls = [expectAt(each, fires, true), expectAt(each, over - step, true)]
  const silent = [expectAt(each, fires - step, false), expectAt(each, over, false)]
  return [
    testOf(each, `${alert}: ${says}`, { series, expected: [...calls, ...silent] }),
    ...short.map((instead, index) =>
      testOf(each, `${alert}: ${says}, short ${index}`, { series: { ...series, ...instead }, expected: [neverBy(each)] })),
  ]
}

function testOf({ every = STEP }: AlertCase, name: string, given: { series: AlertCase['series']; expected: unknown[] }): unknown {
  const { series, expected } = given
  const input = Object.entries(series).map(([key, values]) => ({ series: key, values }))
  return { name, interval: `${every}s`, input_series: input, promql_expr_test: expected }
}

/** `ALERTS` rather than promtool's own test of alerts: it has no need of the annotations' whole text. */
function expectAt({ alert, labels }: AlertCase, seconds: number, calls: boolean): unknown {
  const severity = severityOf(alert)
  const shown = Object.entries({ alertname: alert, alertstate: 'firing', ...labels, severity }).map(([name, value]) => `${name}="${value}"`)
  return {
    expr: `ALERTS{alertname="${alert}",alertstate="firing"}`, eval_time: `${seconds}s`,
    exp_samples: calls ? [{ labels: `ALERTS{${shown.join(',')}}`, value: 1 }] : [],
  }
}

/** A replica is scraped, and the service is registered: what is tried is not that it is missing, unless the case says so. */
function atHome(each: AlertCase): AlertCase['series'] {
  const always = standing([1, Math.ceil(endOf(each) / (each.every ?? STEP)) + 1])
  return { 'discovery_aggregator_build_info{job="d",instance="a",version="1"}': always, [`discovery_instances{${CART},status="passing"}`]: always }
}

/** All alerts that call at any moment up to when the case is over. */
function callers(each: AlertCase): unknown {
  const end = endOf(each)
  const names = [each.alert, ...each.others ?? []].toSorted()
  return {
    expr: `group by (alertname) (count_over_time(ALERTS{alertstate="firing"}[${end}s]))`, eval_time: `${end}s`,
    exp_samples: names.map(name => ({ labels: `{alertname="${name}"}`, value: 1 })),
  }
}

function neverBy(each: AlertCase): unknown {
  const { alert } = each
  const end = endOf(each)
  return { expr: `count_over_time(ALERTS{alertname="${alert}",alertstate="firing"}[${end}s])`, eval_time: `${end}s`, exp_samples: [] }
}

/** Seconds from the beginning, when it is over for sure. */
function endOf(each: AlertCase): number {
  return Math.max(each.over, each.fires) + 2 * stepOf(each)
}

function severityOf(alert: string): string {
  return alertGroups.flatMap(({ alerts }) => alerts).find(({ name }) => name === alert)?.severity ?? 'none'
}

function stepOf({ step = STEP }: AlertCase): number {
  return step
}
