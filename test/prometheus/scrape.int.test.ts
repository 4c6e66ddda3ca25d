import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { parseExposition } from '../../demo/exposition.ts'
import { createOwnMetrics } from '../../src/prometheus/own-metrics.ts'
import { createPages } from '../../src/prometheus/pages.ts'
import { createRegistry } from '../../src/prometheus/registry.ts'
import { PrometheusServer } from '../e2e/prometheus-server.ts'
import { serving } from '../http/serving.ts'
import { ensureTools } from '../support/toolchain.ts'
import { lookup, ofEveryFamily, shardOf, T0 } from '../views/shards.ts'

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0'
const UNDER_WAY = { timeout: 30_000, interval: 250 }
/** Names that a label has to be escaped for, and such as look like it. */
const strange = ['a "quoted"\\name\nin two lines', '\\n', '\\', '"', '\r\t{}=,', 'ü€😀\u2028', '\u0000\u007f', '\ud800 alone', '# EOF']

async function site(): Promise<{ url: string }> {
  const shards = [shardOf([...ofEveryFamily, ...strange.map(client => lookup({ client, service: client, errorCode: client, outcome: 'FAILURE' }))])]
  const registry = createRegistry({ shards: () => shards })
  // What Node says of the process has more samples from one moment to the next.
  for (const { name } of registry.getMetricsAsArray()) if (/^(process|nodejs)_/.test(name)) registry.removeSingleMetric(name)
  const telemetry = createOwnMetrics(registry, { version: '1.2.3', now: () => T0 })
  for (const scope of ['replica', 'cluster']) telemetry.scraped(scope, 0.01) // or the second page has series that the first had not
  const { url } = await serving({
    metrics: createPages({ registry, shards: () => shards, hold: () => () => {}, standing: () => '', telemetry, turn: async () => {} }),
  })
  return { url }
}

/** What asks for the text format in place of whoever asks it: Prometheus 2.42 cannot be told to. */
async function textOnly(url: string): Promise<string> {
  const server = createServer((req, res) => {
    request(`${url}${req.url ?? ''}`, { headers: { accept: 'text/plain' } }, answer => {
      res.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(res)
    }).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => { server.close(); server.closeAllConnections() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A job for each way to ask, scraped every second. */
function configOf(jobs: Readonly<Record<string, { url: string; params: object }>>): string {
  const scrapes = Object.entries(jobs).map(([name, { url, params }]) => ({
    job_name: name, honor_labels: true, params, static_configs: [{ targets: [new URL(url).host] }],
  }))
  return JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: scrapes }) // JSON is YAML
}

async function samplesOf(url: string, accept: string): Promise<number> {
  return parseExposition(await (await fetch(url, { headers: { accept } })).text()).samples.length
}

describe('a Prometheus that scrapes a replica', () => {
  beforeAll(() => ensureTools(['prometheus']), 600_000)

  it('takes every sample of the page, in either format, with created samples and filters, and the names as they are', async () => {
    const { url } = await site()
    const text = await textOnly(url)
    const filter = { 'family[]': ['lookups_total', 'discovery_service_graph_request_total'], namespace: ['shop'] }
    const prometheus = await PrometheusServer.start(configOf({
      text: { url: text, params: {} }, openmetrics: { url, params: {} }, created: { url, params: { created: ['1'] } }, filtered: { url, params: filter },
    }))
    onTestFinished(() => prometheus.stop())
    const expected = {
      text: await samplesOf(`${url}/metrics`, 'text/plain'), openmetrics: await samplesOf(`${url}/metrics`, OPENMETRICS),
      created: await samplesOf(`${url}/metrics?created=1`, OPENMETRICS),
      filtered: await samplesOf(`${url}/metrics?family[]=lookups_total&family[]=service_graph_request_total&namespace=shop`, OPENMETRICS),
    }
    expect([expected.text === expected.openmetrics, expected.created > expected.text]).toEqual([true, true])
    expect(expected.filtered).toBe(2 * (2 + strange.length)) // of the cart two outcomes and two clients
    const answers = async (query: string) => Object.fromEntries(await Promise.all(Object.keys(expected).map(async job =>
      [job, await prometheus.scalar(`${query}{job="${job}"}`)])))
    await expect.poll(() => answers('scrape_samples_scraped'), UNDER_WAY).toEqual(expected)
    expect(await answers('up')).toEqual({ text: 1, openmetrics: 1, created: 1, filtered: 1 })
    for (const job of ['text', 'openmetrics']) {
      const clients = await prometheus.get('label/client/values', { 'match[]': `discovery_service_graph_request_total{job="${job}"}` })
      expect(clients).toEqual(expect.arrayContaining(strange.map(name => Buffer.from(name).toString())))
    }
  })
})
