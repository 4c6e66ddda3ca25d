import { describe, expect, it } from 'vitest'
import { LiveMap } from '../../../src/http/map/live-map.ts'
import type { Graph } from '../../../src/views/formats/json.ts'
import { liveMapOf } from '../../views/map-of.ts'
import { lookup, MINUTE, shardOf, T0 } from '../../views/shards.ts'
import { serving } from '../serving.ts'
import { jsonAt, serveShop } from './endpoints-site.ts'

async function shownAt(url: string): Promise<{ nodes: string[]; edges: string[]; next?: string | null }> {
  const { nodes, edges, next } = await jsonAt<Graph>(url)
  return {
    nodes: nodes.map(({ service }) => service), edges: edges.map(({ client, service }) => `${client}>${service}`),
    ...(next === undefined ? {} : { next }),
  }
}

describe('the graph', () => {
  it('is the whole map without filters, and no page of it', async () => {
    const { url } = await serveShop()
    expect(await shownAt(`${url}/api/v1/graph`)).toEqual({
      nodes: ['pay', 'unknown', 'cart', 'db', 'web'], edges: ['unknown>cart', 'cart>pay', 'cart>db', 'db>cart', 'web>cart'],
    })
  })

  it('tells of each node what is registered, looked up and found', async () => {
    const { url } = await serveShop()
    const { nodes } = await jsonAt<Graph>(`${url}/api/v1/graph?namespace=shop&service=cart`)
    expect(nodes.find(({ service }) => service === 'cart')).toMatchObject({
      known: true, registered: true, lookedUp: true, instances: { passing: 1, critical: 0 }, versions: [{ version: '1.0', instances: 1 }],
      lookups: { total: 10, failures: 0 }, dependencies: 2, dependents: 3, findings: ['cycle'],
    })
    expect(nodes.find(({ service }) => service === 'pay')?.findings).toEqual(['unregistered_lookup', 'single_point_of_failure', 'stale_answers'])
    expect(nodes.find(({ service }) => service === 'unknown')?.known).toBe(false)
  })

  it('is that of a namespace and what it touches', async () => {
    const { url } = await serveShop()
    expect(await shownAt(`${url}/api/v1/graph?namespace=bank`)).toEqual({ nodes: ['pay', 'cart'], edges: ['cart>pay'] })
    expect(await shownAt(`${url}/api/v1/graph?namespace=nowhere`)).toEqual({ nodes: [], edges: [] })
  })

  it('is that around a service, as far and in the direction that is asked', async () => {
    const { url } = await serveShop()
    const around = (query: string) => shownAt(`${url}/api/v1/graph?namespace=shop&service=${query}`)
    expect(await around('web')).toEqual({ nodes: ['cart', 'web'], edges: ['web>cart'] })
    expect(await around('web&depth=2&direction=dependencies')).toEqual({ nodes: ['pay', 'cart', 'db', 'web'], edges: ['cart>pay', 'cart>db', 'web>cart'] })
    expect(await around('db&direction=dependents&depth=2')).toEqual({
      nodes: ['unknown', 'cart', 'db', 'web'], edges: ['unknown>cart', 'cart>db', 'db>cart', 'web>cart'],
    })
    expect(await shownAt(`${url}/api/v1/graph?service=pay`)).toEqual({ nodes: ['pay', 'cart'], edges: ['cart>pay'] })
  })

  it('is that of edges that fail, are busy enough, or were seen lately', async () => {
    const { url } = await serveShop()
    expect((await shownAt(`${url}/api/v1/graph?failing=true`)).edges).toEqual(['cart>pay'])
    expect((await shownAt(`${url}/api/v1/graph?minRate=0.1`)).edges).toEqual(['web>cart'])
    expect((await shownAt(`${url}/api/v1/graph?since=2026-01-01T12:00:00Z`)).edges).toHaveLength(5)
    expect((await shownAt(`${url}/api/v1/graph?since=59s`)).edges).toEqual([])
  })

  it('leaves out what is idle, if it is asked to, and services that only idle edges speak of', async () => {
    const { url } = await serving({ map: liveMapOf([shardOf([lookup({ client: 'old' }), lookup({}, T0 + 10 * MINUTE)])], T0 + 16 * MINUTE) })
    expect(await shownAt(`${url}/api/v1/graph?includeIdle=false`)).toEqual({ nodes: ['cart', 'web'], edges: ['web>cart'] })
    expect((await shownAt(`${url}/api/v1/graph`)).edges).toEqual(['old>cart', 'web>cart'])
  })

  it('comes in pages that together are the whole, whatever the size of a page', async () => {
    const { url } = await serveShop()
    const whole = await shownAt(`${url}/api/v1/graph`)
    for (const limit of [1, 2, 3, 5, 7]) {
      const [nodes, edges] = [new Set<string>(), [] as string[]]
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: Awaited<ReturnType<typeof shownAt>> = await shownAt(`${url}/api/v1/graph?limit=${limit}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)
        expect(page.edges.length).toBeLessThanOrEqual(limit)
        for (const node of page.nodes) nodes.add(node)
        edges.push(...page.edges)
        cursor = page.next ?? null
      }
      expect([edges, [...nodes].toSorted()]).toEqual([whole.edges, whole.nodes.toSorted()])
    }
  })

  it('comes in each format, and tells of the next page in a header, too', async () => {
    const { url } = await serveShop()
    const heads = { dot: 'digraph', mermaid: 'flowchart', graphml: '<?xml', cytoscape: '{"elements"', json: '{"windowSeconds"' }
    for (const [format, head] of Object.entries(heads)) {
      const answer = await fetch(`${url}/api/v1/graph?format=${format}&limit=1`)
      expect([format, (await answer.text()).slice(0, head.length)]).toEqual([format, head])
      expect(answer.headers.get('link')).toBe(`</api/v1/graph?format=${format}&limit=1&cursor=default%2Funknown%2Fshop%2Fcart>; rel="next"`)
    }
  })

  it('is summed up by namespace', async () => {
    const { url } = await serveShop()
    expect(await jsonAt(`${url}/api/v1/graph/namespaces`)).toMatchObject({
      totals: { namespaces: 3, services: 5, registered: 3, instances: 3, edges: 5, activeEdges: 5 },
      nodes: [
        { namespace: 'bank', services: 1, registered: 0, lookups: { errorRatio: 1 }, findings: 3 }, { namespace: 'default', services: 1 },
        { namespace: 'shop', services: 3, registered: 3, instances: { passing: 3 }, lookups: { ratePerSecond: 11 / 60, errorRatio: 0 }, findings: 2 },
      ],
      edges: [
        { clientNamespace: 'default', namespace: 'shop', edges: 1 },
        { clientNamespace: 'shop', namespace: 'bank', edges: 1, activeEdges: 1, errorRatio: 1, firstSeen: '2026-01-01T12:00:00.000Z' },
        { clientNamespace: 'shop', namespace: 'shop', edges: 3, ratePerSecond: 10 / 60 },
      ],
    })
  })

  it('has its cycles and paths', async () => {
    const { url } = await serveShop()
    const [cart, db] = ['cart', 'db'].map(service => ({ namespace: 'shop', service }))
    expect(await jsonAt(`${url}/api/v1/graph/cycles`)).toEqual({ components: [[cart, db]], cycles: [[cart, db]], truncated: false })
    expect(await jsonAt(`${url}/api/v1/graph/path?from=shop/web&to=bank/pay`)).toMatchObject({
      found: true, nodes: [{ service: 'web' }, { service: 'cart' }, { service: 'pay' }], edges: [{ client: 'web' }, { client: 'cart', failures: 1 }],
    })
    expect(await jsonAt(`${url}/api/v1/graph/path?from=bank/pay&to=shop/web`)).toEqual({ found: false, nodes: [], edges: [] })
    expect(await jsonAt(`${url}/api/v1/graph/path?from=shop/web&to=shop/nobody`)).toMatchObject({ status: 404, code: 'unknown_service' })
  })
})

interface Reached {
  nodes: { service: string; depth: number }[]
  edges: { client: string; service: string }[]
  next?: string | null
}

const edgeText = ({ client, service }: Reached['edges'][number]) => `${client}>${service}`

describe('a service', () => {
  it('has a blast radius, level by level', async () => {
    const { url } = await serveShop()
    const dependents = await jsonAt<{ nodes: { service: string; depth: number }[]; edges: object[] }>(
      `${url}/api/v1/services/bank/pay/dependents?transitive=true`)
    expect(dependents.nodes.map(({ service, depth }) => `${service} ${depth}`)).toEqual(['cart 1', 'unknown 2', 'db 2', 'web 2'])
    expect(dependents.edges).toHaveLength(5)
    const direct = await jsonAt<typeof dependents>(`${url}/api/v1/services/bank/pay/dependents`)
    expect(direct.nodes.map(({ service }) => service)).toEqual(['cart'])
    const near = await jsonAt<typeof dependents>(`${url}/api/v1/services/shop/web/dependencies?transitive=true&depth=1`)
    expect(near.nodes.map(({ service, depth }) => `${service} ${depth}`)).toEqual(['cart 1'])
    expect(await (await fetch(`${url}/api/v1/services/bank/pay/dependents?format=dot`)).text()).toContain('label="bank/pay"')
  })

  it('has a blast radius that comes in pages, which together are the whole of it', async () => {
    const { url } = await serveShop()
    const path = '/api/v1/services/bank/pay/dependents?transitive=true'
    const whole = await jsonAt<Reached>(url + path)
    for (const limit of [1, 2, 4, 5]) {
      const [depths, edges] = [new Map<string, number>(), [] as string[]]
      for (let next: string | undefined = `${path}&limit=${limit}`; next !== undefined;) {
        const answer: Response = await fetch(url + next)
        const page = await answer.json() as Reached
        expect(page.edges.length).toBeLessThanOrEqual(limit)
        for (const { service, depth } of page.nodes) depths.set(service, depth)
        edges.push(...page.edges.map(edgeText))
        next = /<(.*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
        expect(page.next === null).toBe(next === undefined)
      }
      expect(depths).toEqual(new Map(whole.nodes.map(({ service, depth }) => [service, depth])))
      expect(edges.toSorted()).toEqual(whole.edges.map(edgeText).toSorted())
    }
  })

  it('is found by a part of its name, page by page', async () => {
    const { url } = await serveShop()
    const found = async (query: string) => {
      const { services, next } = await jsonAt<{ services: { service: string }[]; next?: string }>(`${url}/api/v1/services?${query}`)
      return [...services.map(({ service }) => service), ...(next === undefined ? [] : [next])]
    }
    expect(await found('search=SHOP')).toEqual(['cart', 'db', 'web'])
    expect(await found('search=shop&limit=2')).toEqual(['cart', 'db', 'shop/db'])
    expect(await found('search=shop&limit=2&cursor=shop/db')).toEqual(['web', null])
    expect(await found('namespace=bank')).toEqual(['pay'])
  })
})

describe('a question that is not right', () => {
  it.each([
    ['graph?depths=2', 'unknown_parameter', 'There is no parameter depths here; there are: namespace, service, depth,'],
    ['graph/namespaces?format=dot', 'unknown_parameter', 'There is no parameter format here; there are: includeIdle.'],
    ['graph?namespace=a&namespace=b', 'bad_parameter', 'namespace is given more than once; give it once.'],
    ['graph?format=svg', 'bad_parameter', 'format must be one of json, dot, mermaid, graphml, cytoscape.'],
    ['graph?service=a&depth=0', 'bad_parameter', 'depth must be a whole number of at least 1 and at most 50.'],
    ['graph?service=a&depth=1.5', 'bad_parameter', 'depth must be a whole number of at least 1 and at most 50.'],
    ['graph?depth=2', 'bad_parameter', 'depth and direction go from a service: give service, too.'],
    ['graph?minRate=lots', 'bad_parameter', 'minRate must be a number of at least 0.'],
    ['graph?since=yesterday', 'bad_parameter', 'since must be a time in ISO 8601 or how long ago, such as 2026-01-01T12:00:00.000Z or 15m.'],
    ['graph?failing=yes', 'bad_parameter', 'failing must be one of true, false.'],
    ['graph?limit=1&cursor=nonsense', 'bad_parameter', 'cursor must be the next of the page before, as it was given.'],
    ['graph/path?from=shop/web', 'bad_parameter', 'to must be given.'],
    ['graph/path?from=web&to=shop/cart', 'bad_parameter', 'from must be of the form ^[^/]+/[^/]+$, such as shop/cart.'],
    ['graph/diff?from=1m&to=2m', 'bad_parameter', 'from must not be later than to.'],
  ])('%s is a problem that says what is', async (question, code, detail) => {
    const { url } = await serveShop()
    const answer = await fetch(`${url}/api/v1/${question}`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
    expect(await answer.json()).toMatchObject({ code, detail: expect.stringContaining(detail) as string })
  })
})

describe('answers', () => {
  it('of many who ask at once come of one look at the cells', async () => {
    let looks = 0
    const map = new LiveMap({ shards: () => { looks++; return [] }, now: () => T0, turn: async () => {} })
    const { url } = await serving({ map })
    await Promise.all(Array.from({ length: 10 }, () => fetch(`${url}/api/v1/graph`)))
    expect(looks).toBe(1)
  })
})
