import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse, stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endpointOf, type Endpoint, type Relabeling } from '../ops/manifests.ts'
import { until } from '../support/until.ts'
import { PrometheusServer } from './prometheus-server.ts'

const monitors = { honoured: 'monitoring/service-monitor.yaml', relabelled: 'monitoring/service-monitor-without-honor-labels.yaml' }

/** The jobs: of the monitors, and of the configuration for a Prometheus without an operator that forbids honor_labels. */
const names = [...Object.keys(monitors), 'static']

/** As the operator's service discovery attaches them. */
const attached = { namespace: 'monitoring', service: 'discovery-metrics', container: 'discovery-metrics', endpoint: 'http' }

const page = (shard: string): string =>
  [
    '# TYPE discovery_lookups_total counter',
    `discovery_lookups_total{instance="",shard="${shard}",namespace="shop",service="cart",outcome="success"} 7`,
    '# TYPE discovery_agents gauge',
    `discovery_agents{instance="",shard="${shard}",kind="sdk",state="active"} 2`,
    '# TYPE discovery_aggregator_rebalances_total counter',
    'discovery_aggregator_rebalances_total 1',
    '',
  ].join('\n')

describe('a Prometheus that scrapes two replicas as a shipped ServiceMonitor or configuration says', () => {
  let servers: Server[] = []
  let prometheus: PrometheusServer

  beforeAll(async () => {
    servers = await Promise.all(['lookups-0', 'lookups-1'].map(serve))
    const targets = servers.map(server => `127.0.0.1:${(server.address() as AddressInfo).port}`)
    const jobs = [
      ...Object.entries(monitors).map(([name, file]) => jobOf(name, endpointOf(file), targets)), await staticJob('static', targets),
    ]
    prometheus = await PrometheusServer.start(stringify({ global: { scrape_interval: '1s' }, scrape_configs: jobs }))
    await until(async () => (await prometheus.query('up == 1')).length === 2 * names.length, { message: 'all jobs have scraped both replicas' })
  })

  afterAll(async () => {
    await prometheus?.stop()
    for (const server of servers) server.close()
  })

  const stored = async (job: string, matchers: string): Promise<string[]> =>
    (await prometheus.query(`{job="${job}",__name__=~"discovery_.*",${matchers}}`))
      .map(({ series }) => series.replace(/job="\w+",/, ''))
      .toSorted()

  it.each(names)('%s: has our own namespace and service, and nothing that tells replicas apart', async job => {
    const own = 'container="discovery-metrics",endpoint="http"'
    expect(await stored(job, 'shard!=""')).toEqual(
      ['lookups-0', 'lookups-1']
        .flatMap(shard => [
          `discovery_agents{${own},kind="sdk",namespace="monitoring",service="discovery-metrics",shard="${shard}",state="active"}`,
          `discovery_lookups_total{${own},namespace="shop",outcome="success",service="cart",shard="${shard}"}`,
        ])
        .toSorted(),
    )
  })

  it.each(names)('%s: tells replicas apart in what they say of themselves', async job => {
    expect(
      new Set(
        (await prometheus.query(`count by (instance) (discovery_aggregator_rebalances_total{job="${job}"})`)).map(({ series }) => series),
      ).size,
    ).toBe(2)
  })
})

/** What the operator makes of an endpoint: the same in the words of Prometheus' configuration. */
function jobOf(name: string, { path, honorLabels, relabelings, metricRelabelings }: Endpoint, addresses: readonly string[]) {
  return {
    job_name: name,
    metrics_path: path,
    honor_labels: honorLabels ?? false,
    relabel_configs: relabelings.map(snaked),
    metric_relabel_configs: (metricRelabelings ?? []).map(snaked),
    static_configs: targetsOf(addresses),
  }
}

/** The shipped job, under another name and with other targets. */
async function staticJob(name: string, addresses: readonly string[]) {
  const text = await readFile(new URL('../../ops/prometheus/without-honor-labels.yml', import.meta.url), 'utf8')
  const { scrape_configs: [job] } = parse(text) as { scrape_configs: [object] }
  return { ...job, job_name: name, static_configs: targetsOf(addresses) }
}

function targetsOf(addresses: readonly string[]) {
  return addresses.map((address, index) => ({ targets: [address], labels: { ...attached, pod: `replica-${index}` } }))
}

function snaked(relabeling: Relabeling): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(relabeling).map(([name, value]) => [name.replace(/[A-Z]/, letter => `_${letter.toLowerCase()}`), value]),
  )
}

async function serve(shard: string): Promise<Server> {
  const server = createServer((_, res) => {
    res.setHeader('content-type', 'text/plain; version=0.0.4').end(page(shard))
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}
