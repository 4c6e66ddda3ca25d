import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../../broker/run.ts'
import type { Sample } from '../../demo/exposition.ts'
import { startReplicas, stopReplicas, type Replica } from '../support/replicas.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { configFor, PrometheusServer } from './prometheus-server.ts'
import { differences, foldSamples, noDifferences, seriesName } from './series.ts'
import { Workload } from './workload.ts'

/** As a cluster's service discovery attaches them to both replicas: names of ours, and one that tells the replicas apart. */
const attached = { namespace: 'monitoring', service: 'discovery-metrics' }
const job = 'discovery-metrics'
const foldQuery = '{shard!="",__name__!="discovery_findings"}'
const UNDER_WAY = { timeout: 30_000, interval: 250 }

describe('a Prometheus that scrapes two replicas as the shipped configuration says', () => {
  const site = { brokers: sharedBroker().brokers, topicPrefix: uniquePrefix() }
  let replicas: Replica[] = []
  let workload: Workload
  let prometheus: PrometheusServer
  let pages: (readonly Sample[])[] = []

  const scrapeRunning = (): Promise<(readonly Sample[])[]> =>
    Promise.all(replicas.filter(replica => replica.process.running).map(replica => replica.scrape()))
  const stored = async (): Promise<string[]> => (await prometheus.query(foldQuery)).map(({ series }) => series)

  beforeAll(async () => {
    replicas = await startReplicas(2, site)
    workload = new Workload(site)
    workload.register()
    workload.lookUp(5)
    await workload.flush()
    pages = await workload.counted(scrapeRunning)
    const targets = replicas.map(({ address }, index) => ({ address, labels: { ...attached, pod: `replica-${index}` } }))
    prometheus = await PrometheusServer.start(await configFor(targets))
  })

  afterAll(async () => {
    await prometheus?.stop()
    await workload?.close()
    await stopReplicas(replicas)
  })

  it('reads a configuration that promtool has nothing against', async () => {
    const file = fileURLToPath(new URL('../../ops/prometheus/prometheus.yml', import.meta.url))
    expect(await runCommand('promtool', ['check', 'config', file], { timeoutMs: 10_000 })).toMatchObject({ code: 0 })
  })

  it('sees both up, and attaches no pod', async () => {
    const up = replicas.map(({ address }) => ({ series: seriesName('up', { ...attached, job, instance: address }), value: 1 }))
    await expect.poll(async () => byName(await prometheus.query('up')), UNDER_WAY).toEqual(byName(up))
  })

  it('has every series of the fold once, with its own namespace and service and without instance', async () => {
    // Both replicas show some, so that there is something to be told apart.
    expect(pages.filter(page => foldSamples(page).length > 0)).toHaveLength(2)

    await expect.poll(async () => differences(expectedSeries(pages), await stored()), UNDER_WAY).toEqual(noDifferences)
    const one = (await stored()).filter(series => /^discovery_lookups_total.*"shop".*"empty".*"service-0"/.test(series))
    expect(one).toEqual([
      expect.stringMatching(/^\w+\{job="discovery-metrics",namespace="shop",outcome="empty",service="service-0",shard="lookups-\d"\}$/),
    ])
  })

  it('has what a service graph made by Tempo asks for, once the documented rule renames it', async () => {
    const targets = replicas.map(({ address }) => ({ address, labels: attached }))
    const renaming = await PrometheusServer.start(`${await configFor(targets)}${indented(documentedRule())}`)
    onTestFinished(() => renaming.stop())

    // As Grafana's data source asks, but for the rate.
    const asked = (metric: string) => renaming.query(`sum by (client, server) (traces_service_graph_request_${metric})`)
    await expect.poll(async () => edgesOf(await asked('total')), UNDER_WAY).toEqual(edgesOf(edgeSamples(pages, 'total')))
    expect(edgesOf(await asked('failed_total'))).toEqual(edgesOf(edgeSamples(pages, 'failed_total')))
    expect(edgesOf(await asked('server_seconds_sum'))).toEqual(edgesOf(edgeSamples(pages, 'server_seconds_sum')))
    expect(await renaming.query('{__name__=~"discovery_service_graph_.*"}')).toEqual([])
  })

  it('goes on with the same series when a replica stops and the other takes its partitions', async () => {
    const before = expectedSeries(pages)
    expect(await replicas[0]?.stop()).toBe(0)
    workload.lookUp(5)
    await workload.flush()
    await workload.counted(scrapeRunning)

    await expect.poll(() => prometheus.scalar('sum(up)'), UNDER_WAY).toBe(1)
    // The first scrape that fails marks what its target showed as ended, until the other replica is scraped again.
    await expect.poll(async () => differences(before, await stored()), UNDER_WAY).toEqual(noDifferences)
    await expect.poll(() => prometheus.scalar('sum(discovery_lookups_total)'), UNDER_WAY).toBe(workload.lookups)
    expect(differences(before, await prometheus.series(foldQuery))).toEqual(noDifferences)
    expect(await prometheus.scalar('sum(resets(discovery_lookups_total[1h]))')).toBe(0)
  })
})

/** What Prometheus is to store of these pages: what is on them, once, and only labels that are the same for all replicas. */
function expectedSeries(pages: readonly (readonly Sample[])[]): string[] {
  const samples = pages.flatMap(page => foldSamples(page))
  return samples.map(({ name, labels }) => seriesName(name, { ...attached, job, ...labels, ...boundOf(labels) }))
}

/** The rule of docs/api.md, as part of a job. */
function documentedRule(): string {
  const [, rule] = /```yaml\n(metric_relabel_configs:\n[^`]*)```/.exec(readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8')) ?? []
  if (rule === undefined) throw new Error('docs/api.md has no metric_relabel_configs: bring the document and this test in line')
  return rule
}

function indented(yaml: string): string {
  return yaml.replaceAll(/^(?=.)/gm, '    ')
}

/** What pages say of each client and server, whatever their namespaces. */
function edgeSamples(pages: readonly (readonly Sample[])[], metric: string): { series: string; value: number }[] {
  const sums = new Map<string, number>()
  for (const { name, labels: { client = '', server = '' }, value } of pages.flat()) {
    if (name !== `discovery_service_graph_request_${metric}`) continue
    const series = seriesName('', { client, server })
    sums.set(series, (sums.get(series) ?? 0) + value)
  }
  return [...sums].map(([series, value]) => ({ series, value }))
}

/** To the microsecond: sums of seconds are added up in another order. */
function edgesOf(samples: readonly { series: string; value: number }[]): Record<string, number> {
  return Object.fromEntries(samples.map(({ series, value }) => [series, Math.round(value * 1e6) / 1e6]))
}

/** It asks for OpenMetrics, where the bound of a bucket is a float. */
function boundOf({ le }: Sample['labels']): { le?: string } {
  if (le === undefined) return {}
  return { le: /^\d+$/.test(le) ? `${le}.0` : le }
}

function byName<T extends { series: string }>(samples: readonly T[]): T[] {
  return samples.toSorted((a, b) => a.series.localeCompare(b.series))
}
