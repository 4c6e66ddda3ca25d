import { readFile } from 'node:fs/promises'
import { parse, stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoKafka } from '../../demo/kafka.ts'
import { startLiveShop, type LiveShop } from '../../demo/live.ts'
import { webShop } from '../../demo/shop.ts'
import { quickened } from '../ops/alerts/quick-rules.ts'
import { startReplicas, stopReplicas, type Replica } from '../support/replicas.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { startAlertmanager, type AlertmanagerServer, type ToldAlert } from './alertmanager-server.ts'
import { Causes } from './causes.ts'
import { configFor, PrometheusServer } from './prometheus-server.ts'

/** An hour is two minutes: every duration of the shipped rules is a thirtieth. promtool tries them as they are. */
const FASTER = 30
const CALLED = { timeout: 60_000, interval: 100 }

const built = new Set(webShop.map(({ namespace, service }) => `${namespace}/${service}`))
/** Asked for, and never built. */
const unbuilt = ['shop/gift-card', 'shop/wishlist']
const ofUnbuilt = new Set([
  'DiscoveryLookupSuccessBurning', 'DiscoveryLookupSuccessBurningSlowly', 'DiscoveryLookupLatencyBurning', 'DiscoveryLookupLatencyBurningSlowly',
  'DiscoveryUnregisteredLookedUp',
])

describe('the demo, a Prometheus with the shipped rules, and an Alertmanager as it is shipped', () => {
  const site = { brokers: sharedBroker().brokers, topicPrefix: uniquePrefix() }
  let replicas: Replica[] = []
  let shop: LiveShop
  let prometheus: PrometheusServer
  let alertmanager: AlertmanagerServer
  const causes = new Causes()

  beforeAll(async () => {
    alertmanager = await startAlertmanager()
    replicas = await startReplicas(1, site)
    shop = await startLiveShop({ kafka: demoKafka(site.brokers), topicPrefix: site.topicPrefix, seed: 1, rate: 200, tell: text => causes.tell(text) })
    const config = parse(await configFor(replicas.map(({ address }) => ({ address, labels: {} })))) as Record<string, object>
    const alerting = { alertmanagers: [{ static_configs: [{ targets: [alertmanager.address] }] }] }
    const rules = await quickRules('objective-rules.yml', 'alerts.yml', 'recording.yml')
    prometheus = await PrometheusServer.start(stringify({ ...config, alerting }), rules)
  })

  afterAll(async () => {
    await prometheus?.stop()
    await shop?.stop()
    await stopReplicas(replicas)
    await alertmanager?.stop()
  })

  const told = (status: ToldAlert['status'], alert: string): string[] => [
    ...new Set(alertmanager.told.filter(each => each.status === status && each.labels['alertname'] === alert).map(serviceOf)),
  ].toSorted()

  /** Calls that neither an incident that there was nor those who have gone can be the cause of. */
  const unexpected = (gone: readonly string[]): unknown[] => alertmanager.told.map(({ labels }) => labels).filter(labels => {
    const { alertname = '', namespace = '', service = '', job } = labels
    // Four seconds of quickened time may pass before the first scrape: until then no deployment was ever there.
    const neverScraped = alertname === 'DiscoveryMetricsAbsent' && job === undefined
    const name = `${namespace}/${service}`
    const isExplained = built.has(name) ? causes.explain(alertname, name) : unbuilt.includes(name) && ofUnbuilt.has(alertname)
    return !neverScraped && !isExplained && !gone.includes(alertname)
  })

  it('calls for names that were never built: nobody registers them, and their look-ups fail', async () => {
    await expect.poll(() => told('firing', 'DiscoveryUnregisteredLookedUp'), CALLED).toEqual(unbuilt)
    await expect.poll(() => told('firing', 'DiscoveryLookupSuccessBurning'), CALLED).toEqual(expect.arrayContaining(unbuilt))
  })

  it('says whom it is about, and where to look', () => {
    const call = alertmanager.told.find(({ labels: { alertname, service } }) =>
      alertname === 'DiscoveryUnregisteredLookedUp' && service === 'wishlist')
    expect(call?.labels).toMatchObject({ severity: 'warning', job: 'discovery-metrics', namespace: 'shop' })
    expect(call?.annotations).toMatchObject({
      description: expect.stringMatching(/^shop\/wishlist was looked up in vain \d+ times/) as string,
      runbook_url: expect.stringMatching(/DiscoveryUnregisteredLookedUp\.md$/) as string,
      dashboard: '/d/discovery-map?var-job=discovery-metrics',
    })
    expect(alertmanager.told.filter(({ annotations }) => /<no value>|<error/.test(Object.values(annotations).join()))).toEqual([])
  })

  it('calls for nothing that did not happen', () => {
    expect(causes.size).toBeGreaterThan(0)
    expect(unexpected([])).toEqual([])
  })

  it('calls when all who register are gone, and ends calls about names that nobody asks for any more', async () => {
    await shop.stop()
    await expect.poll(() => told('firing', 'DiscoveryInstancesFalling'), CALLED).toEqual(['platform/', 'shop/'])
    await expect.poll(() => told('resolved', 'DiscoveryUnregisteredLookedUp'), CALLED).toEqual(unbuilt)
    expect(unexpected(['DiscoveryInstancesFalling', 'DiscoveryMetricsAgentsSilent'])).toEqual([])
  })

  it('calls when no replica is left', async () => {
    await stopReplicas(replicas)
    await expect.poll(() => alertmanager.told.map(({ labels: { alertname, job } }) => ({ alertname, job })), CALLED)
      .toContainEqual({ alertname: 'DiscoveryMetricsAbsent', job: 'discovery-metrics' })
  })
})

function serviceOf({ labels: { namespace = '', service = '' } }: ToldAlert): string {
  return `${namespace}/${service}`
}

async function quickRules(...files: readonly string[]): Promise<Record<string, string>> {
  const texts = await Promise.all(files.map(file => readFile(new URL(`../../ops/prometheus/${file}`, import.meta.url), 'utf8')))
  return Object.fromEntries(files.map((file, index) => [file, quickened(texts[index] ?? '', FASTER)]))
}
