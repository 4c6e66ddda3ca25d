import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { beforeAll, describe, expect, it } from 'vitest'
import { runCommand, type RunResult } from '../../broker/run.ts'
import { objectiveFile, objectiveGroups } from '../../ops/prometheus/objective-rules.ts'
import { ensureTools } from '../support/toolchain.ts'
import { growing } from './alerts/case.ts'

const objectives = [
  { namespace: 'shop', service: 'cart', success: 0.9, latency: { ratio: 0.5, seconds: 1 } }, { namespace: 'shop', success: 0.95 },
  { success: 0.99, latency: { ratio: 0.75, seconds: 0.1 } },
]
const services = { cart: 'namespace="shop",service="cart"', user: 'namespace="shop",service="user"', mail: 'namespace="office",service="mail"' }
const HOURS = 3
const samples = HOURS * 60

/** Of 100 look-ups a minute 2 fail; of 100 measured 60 take no longer than 0.1 s, and 80 no longer than 1 s. */
const input = Object.values(services).flatMap(labels => [
  [`discovery_lookups_total{job="d",shard="a",${labels},outcome="success"}`, 98],
  [`discovery_lookups_total{job="d",shard="a",${labels},outcome="failure"}`, 2],
  [`discovery_lookup_duration_seconds_count{job="d",shard="a",${labels},cache="other"}`, 100],
  [`discovery_lookup_duration_seconds_bucket{job="d",shard="a",${labels},cache="other",le="0.1"}`, 60],
  [`discovery_lookup_duration_seconds_bucket{job="d",shard="a",${labels},cache="other",le="1"}`, 80],
] as const).map(([series, each]) => ({ series, values: growing([each, samples]) }))

const expected: Readonly<Record<string, Record<keyof typeof services, number>>> = {
  'service:discovery_lookup_success_objective:ratio': { cart: 0.9, user: 0.95, mail: 0.99 },
  'service:discovery_lookup_latency_objective:ratio': { cart: 0.5, user: 0.75, mail: 0.75 },
  'service:discovery_lookup_success_burn:ratio_rate1h': { cart: 0.2, user: 0.4, mail: 2 },
  'service:discovery_lookup_latency_burn:ratio_rate5m': { cart: 0.4, user: 1.6, mail: 1.6 },
  'service:discovery_lookup_latency_burn:ratio_rate3d': { cart: 0.4, user: 1.6, mail: 1.6 },
  'service:discovery_lookup_success_budget_remaining:ratio30d': { cart: 0.8, user: 0.6, mail: -1 },
}

describe('the rules of objectives', () => {
  beforeAll(() => ensureTools(['promtool']), 600_000)

  it('hold each service against its own row, its namespace’s, or everybody’s, and tell what is left of the budget', async () => {
    expect(await tried(expected)).toMatchObject({ code: 0 })
  })

  it('would be found wrong', async () => {
    const wrong = { 'service:discovery_lookup_success_objective:ratio': { cart: 0.95, user: 0.95, mail: 0.99 } }
    expect(await tried(wrong)).toMatchObject({ code: 1 })
  })
})

async function tried(values: typeof expected): Promise<RunResult> {
  const folder = await mkdtemp(join(tmpdir(), 'discovery-metrics-objectives-'))
  try {
    await writeFile(join(folder, 'rules.yml'), objectiveFile(objectives))
    await writeFile(join(folder, 'a.test.yml'), stringify({
      rule_files: ['rules.yml'], evaluation_interval: '5m', group_eval_order: objectiveGroups(objectives).map(({ name }) => name),
      tests: [{ interval: '1m', input_series: input, promql_expr_test: Object.entries(values).map(expectation) }],
    }))
    return await runCommand('promtool', ['test', 'rules', join(folder, 'a.test.yml')], { timeoutMs: 60_000 })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Rounded: they are quotients of floats. */
function expectation([record, values]: [string, Record<keyof typeof services, number>]): unknown {
  const rows = Object.entries(services).map(([name, labels]) => ({ labels: `{job="d",${labels}}`, value: values[name as keyof typeof services] }))
  return { expr: `round(${record}, 0.0001)`, eval_time: `${HOURS}h`, exp_samples: rows }
}
