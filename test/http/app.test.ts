import { describe, expect, it } from 'vitest'
import { documentPage } from '../../src/http/document-page.ts'
import { LiveMap } from '../../src/http/map/live-map.ts'
import { operations } from '../../src/http/openapi/operations.ts'
import { problemStatuses } from '../../src/http/problem.ts'
import { foldFamilies } from '../../src/prometheus/fold-family.ts'
import { metricsDocument } from '../../src/prometheus/metrics-document.ts'
import { graphOf, liveMapOf, serviceOf } from '../views/map-of.ts'
import { lookup, MINUTE, registration, shardOf, T0 } from '../views/shards.ts'
import { metricsOf, serving } from './serving.ts'

/** Without its parameters it is a problem. */
const needsParameters = new Set(operations.filter(({ parameters }) => parameters.some(({ required }) => required)).map(({ path }) => path))

interface Listed {
  path: string
  description: string
}

async function problemAt(url: string, init?: RequestInit): Promise<{ status: number; type: string | null; body: Record<string, unknown> }> {
  const answer = await fetch(url, init)
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() as Record<string, unknown> }
}

describe('the index', () => {
  it('lists what is here, and all of it is', async () => {
    const { url } = await serving()
    const { name, version, endpoints } = await (await fetch(`${url}/api`)).json() as { name: string; version: string; endpoints: Listed[] }
    expect({ name, version }).toEqual({ name: 'discovery-metrics', version: '1.2.3' })
    expect(endpoints.map(({ path }) => path)).toEqual(operations.map(({ path }) => path))
    const plain = endpoints.filter(({ path }) => !path.includes('{') && !needsParameters.has(path))
    expect(await Promise.all(plain.map(async ({ path }) => (await fetch(url + path)).status))).toEqual(plain.map(() => 200))
  })

  it('is a page for browsers, with a link to each path', async () => {
    const { url } = await serving({ version: '1 & <2>' })
    const answer = await fetch(`${url}/api`, { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const html = await answer.text()
    expect(html).toContain('<a href="/metrics">/metrics</a>')
    expect(html).toContain('<a href="/-/ready">/-/ready</a>')
    expect(html).toContain('Version 1 &amp; &lt;2&gt;.')
  })
})

describe('the documentation of the metrics', () => {
  it('is a page that the index leads to, with a heading to link to for each family', async () => {
    const { url } = await serving({ metrics: { ...metricsOf(() => []), document: metricsDocument } })
    expect(await (await fetch(url)).text()).toContain('<a href="/docs/metrics">')
    const answer = await fetch(`${url}/docs/metrics`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const html = await answer.text()
    expect(foldFamilies.filter(({ name }) => !html.includes(`<h3 id="${name}">${name}</h3>`))).toEqual([])
    expect(html).toContain('<p><strong>How often is each service looked up, and how often in vain?</strong></p>')
    expect(html).toContain('<pre>sum by (namespace, service, outcome) (rate(discovery_lookups_total[5m]))</pre>')
    expect(html).toContain('<td><code>discovery_aggregator_lag_records</code></td><td>gauge</td>')
  })

  it('takes nothing in the document for HTML', () => {
    expect(documentPage('a <b> & `x<y`\n\n```promql\na < b\n```\n\n| `a|b` | <i> |\n|---|---|\n')).toMatch(
      /<p>a &lt;b&gt; &amp; <code>x&lt;y<\/code><\/p>\n<pre>a &lt; b<\/pre>\n<table>.*&lt;i&gt;/s)
  })
})

describe('the API', () => {
  const shards = [shardOf([
    registration({ version: '1.0', leaseMillis: 2 * MINUTE }),
    lookup({ cache: 'HIT', durationMicros: 800 }),
    lookup({ service: 'a/b ü', client: 'cart' }),
  ])]
  const now = T0 + MINUTE
  const deps = () => ({ map: liveMapOf(shards, now) })

  it('gives the map, the services and one service as the views have them', async () => {
    const { url } = await serving(deps())
    const { nodes, ...graph } = graphOf(shards, now)
    const withFindings = nodes.map(node => ({ ...node, findings: node.registered ? [] : node.lookedUp ? ['unregistered_lookup'] : [] }))
    expect(await (await fetch(`${url}/api/v1/graph`)).json()).toEqual({ ...graph, nodes: withFindings })
    expect(await (await fetch(`${url}/api/v1/services`)).json()).toEqual({ services: withFindings })
    expect(await (await fetch(`${url}/api/v1/services/shop/cart`)).json()).toEqual(serviceOf(shards, { namespace: 'shop', service: 'cart' }, now))
  })

  it('finds a service whatever characters its name has', async () => {
    const { url } = await serving(deps())
    const answer = await fetch(`${url}/api/v1/services/shop/${encodeURIComponent('a/b ü')}`)
    expect(await answer.json()).toMatchObject({ namespace: 'shop', service: 'a/b ü', dependents: [{ client: 'cart' }] })
  })

  it('says that a service is not known', async () => {
    const { url } = await serving(deps())
    expect(await problemAt(`${url}/api/v1/services/shop/cartt`)).toEqual({
      status: 404, type: 'application/problem+json',
      body: {
        type: 'about:blank', title: 'Not Found', status: 404, code: 'unknown_service',
        detail: 'Nothing is known of service cartt in namespace shop; /api/v1/services lists all.',
      },
    })
  })

  it('is framed by nobody, taken for no other type, and tells no other site where it was', async () => {
    const { url } = await serving(deps())
    for (const path of ['/', '/metrics', '/docs/metrics', '/api/v1/graph', '/-/healthy', '/nowhere', '/%E0']) {
      const { headers } = await fetch(url + path)
      expect([path, ...['x-frame-options', 'x-content-type-options', 'referrer-policy', 'cross-origin-resource-policy'].map(name => headers.get(name))])
        .toEqual([path, 'DENY', 'nosniff', 'no-referrer', 'same-origin'])
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    }
  })

  it('is never stored, tells nothing of its make, and has no validators', async () => {
    const { url } = await serving(deps())
    for (const path of ['/metrics', '/docs/metrics', '/api/v1/graph', '/-/healthy', '/nowhere']) {
      const { headers } = await fetch(url + path)
      expect([path, headers.get('cache-control'), headers.get('x-powered-by'), headers.get('etag')]).toEqual([path, 'no-store', null, null])
    }
  })
})

describe('probes', () => {
  it('are answered with 200 when all is well', async () => {
    const { url } = await serving()
    expect(await (await fetch(`${url}/-/healthy`)).json()).toEqual({ healthy: true })
    expect(await (await fetch(`${url}/-/ready`)).json()).toEqual({ ready: true })
  })

  it('are answered with 503 and the reason otherwise', async () => {
    const { url } = await serving({
      health: () => ({ healthy: false, reason: 'the consumer died: no such group' }),
      readiness: () => ({ ready: false, reasons: ['Kafka cannot be reached', 'topic discovery.lookups.v1 is missing'] }),
    })
    expect(await problemAt(`${url}/-/healthy`)).toMatchObject({
      status: 503, body: { code: 'unhealthy', detail: 'the consumer died: no such group' },
    })
    expect(await problemAt(`${url}/-/ready`)).toMatchObject({
      status: 503, body: { code: 'not_ready', detail: 'Kafka cannot be reached; topic discovery.lookups.v1 is missing' },
    })
  })
})

describe('a request that cannot be answered', () => {
  it('is told where to look, on an unknown path', async () => {
    const { url } = await serving()
    for (const path of ['/nowhere', '/metrics/', '/api/v1/services/shop', '/METRICS']) {
      expect(await problemAt(url + path)).toMatchObject({
        status: 404, body: { code: 'unknown_path', detail: `There is nothing at ${path}; /api lists what is here.` },
      })
    }
  })

  it('is told which methods there are', async () => {
    const { url } = await serving()
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await fetch(`${url}/metrics`, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
      expect(await answer.json()).toMatchObject({
        code: 'method_not_allowed', detail: `/metrics cannot be asked with ${method}, only with GET and HEAD.`,
      })
    }
  })

  it('is told that nothing here takes a body, which is not read', async () => {
    const { url } = await serving()
    const answer = await fetch(`${url}/metrics`, { method: 'POST', body: 'x'.repeat(1_000_000) })
    expect([answer.status, answer.headers.get('connection')]).toEqual([413, 'close'])
    expect(await answer.json()).toMatchObject({ code: 'body_not_taken' })
  })

  it('is told that its path is malformed', async () => {
    const { url, errors } = await serving()
    expect(await problemAt(`${url}/api/v1/services/shop/%E0%A4%A`)).toMatchObject({ status: 400, body: { code: 'malformed_request' } })
    expect(errors).toEqual([])
  })

  it('is told nothing of our insides when the fault is ours, but we are', async () => {
    const fault = new Error('cells are gone')
    const { url, errors } = await serving({ map: new LiveMap({ shards: () => { throw fault }, now: () => 0, turn: async () => {} }) })
    const { status, type, body } = await problemAt(`${url}/api/v1/graph`)
    expect({ status, type, code: body.code }).toEqual({ status: 500, type: 'application/problem+json', code: 'internal_error' })
    expect(JSON.stringify(body)).not.toMatch(/cells are gone|at .*\.ts/)
    expect(errors).toEqual([fault])
  })

  it('has a status for each code that is an error’s', () => {
    expect(Object.values(problemStatuses).filter(status => status < 400)).toEqual([])
  })
})
