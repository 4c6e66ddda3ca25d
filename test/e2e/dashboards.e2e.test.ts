import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoKafka } from '../../demo/kafka.ts'
import { startLiveShop, type LiveShop } from '../../demo/live.ts'
import { expressionsOf, interpolated, panelsOf, shownDashboards, type ShownDashboard } from '../ops/dashboards.ts'
import { startReplicas, stopReplicas, type Replica } from '../support/replicas.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { configFor, PrometheusServer } from './prometheus-server.ts'

const values = { job: 'discovery-metrics', namespace: 'shop', service: 'catalog', kind: '.*' }
const FULL_MS = 90_000

describe('the dashboards, over the demo and a real Prometheus with the shipped rules', () => {
  const site = { brokers: sharedBroker().brokers, topicPrefix: uniquePrefix() }
  const dashboards = shownDashboards()
  let replicas: Replica[] = []
  let shop: LiveShop
  let prometheus: PrometheusServer

  beforeAll(async () => {
    replicas = await startReplicas(1, site)
    shop = await startLiveShop({ kafka: demoKafka(site.brokers), topicPrefix: site.topicPrefix, seed: 1, rate: 200, tell: () => undefined })
    const config = await configFor(replicas.map(({ address }) => ({ address, labels: { pod: 'replica-0' } })))
    prometheus = await PrometheusServer.start(config, await quickRules('recording.yml', 'objective-rules.yml', 'alerts.yml'))
  })

  afterAll(async () => {
    await prometheus?.stop()
    await shop?.stop()
    await stopReplicas(replicas)
  })

  const answers = async (expr: string): Promise<number> => (await prometheus.query(interpolated(expr, values))).length

  it.each(dashboards)('$uid: every panel shows something, unless it says why it may be empty', async dashboard => {
    const empty = async (): Promise<string[]> => {
      const counts = await Promise.all(expectedOf(dashboard).map(async ({ title, exprs }) => (
        { title, shown: (await Promise.all(exprs.map(answers))).reduce((sum, count) => sum + count, 0) })))
      return counts.filter(({ shown }) => shown === 0).map(({ title }) => title)
    }
    let left: string[] = []
    await until(async () => (left = await empty()).length === 0, { timeoutMs: FULL_MS, message: 'no panel is empty' })
      .catch(() => undefined)
    expect(left).toEqual([])
  })

  it.each(dashboards)('$uid: Prometheus understands every expression', async dashboard => {
    const understood = await Promise.all(expressionsOf(dashboard).map(({ expr }) => answers(expr)))
    expect(understood.length).toBeGreaterThan(3)
  })

  it('the map: the API answers what the panels ask, with everything and with one service chosen', async () => {
    const urls = dashboards.flatMap(panelsOf).flatMap(({ targets }) => targets.flatMap(({ url }) => url ?? []))
    const all = { namespace: '&', service: '&', depth: '&', failing: 'false' }
    const one = { namespace: 'shop', service: 'catalog', depth: 'depth=2', failing: 'false' }
    const rowsOf = async (choice: Record<string, string>): Promise<number[]> => Promise.all(urls.map(async url => {
      const answer = await replicas[0]?.json(interpolated(url, choice))
      return Array.isArray(answer) ? answer.length : -1
    }))
    const [nodes = 0, edges = 0] = await rowsOf(all)
    const [fewerNodes = 0, fewerEdges = 0] = await rowsOf(one)
    expect(nodes).toBeGreaterThan(10)
    expect([fewerNodes > 2, fewerNodes <= nodes, fewerEdges > 2, fewerEdges < edges]).toEqual([true, true, true, true])
  })
})

/** The panels that ask Prometheus and may not be empty, each with all that it asks. */
function expectedOf(dashboard: ShownDashboard): { title: string; exprs: string[] }[] {
  return panelsOf(dashboard).filter(({ fieldConfig }) => fieldConfig.defaults.noValue === undefined)
    .map(({ title, targets }) => ({ title, exprs: targets.flatMap(({ expr }) => expr ?? []) })).filter(({ exprs }) => exprs.length > 0)
}

/** Shipped rules, recorded every second, by the names of their files. */
async function quickRules(...files: readonly string[]): Promise<Record<string, string>> {
  const texts = await Promise.all(files.map(file => readFile(join(import.meta.dirname, '../../ops/prometheus', file), 'utf8')))
  return Object.fromEntries(files.map((file, index) => [file, (texts[index] ?? '').replaceAll(/interval: \S+/g, 'interval: 1s')]))
}
