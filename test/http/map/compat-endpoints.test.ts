import { describe, expect, it } from 'vitest'
import { jsonAt, NOW, serveShop } from './endpoints-site.ts'

const DAY = 86_400_000

describe('for Jaeger', () => {
  it('services and dependencies are as its page reads them', async () => {
    const { url } = await serveShop()
    expect(await jsonAt(`${url}/api/services`)).toEqual({
      data: ['bank/pay', 'default/unknown', 'shop/cart', 'shop/db', 'shop/web'], total: 5, limit: 0, offset: 0, errors: null,
    })
    expect(await jsonAt(`${url}/api/dependencies?endTs=${NOW}&lookback=${7 * DAY}`)).toEqual({
      data: [
        { parent: 'default/unknown', child: 'shop/cart', callCount: 1 }, { parent: 'shop/cart', child: 'bank/pay', callCount: 1 },
        { parent: 'shop/cart', child: 'shop/db', callCount: 1 }, { parent: 'shop/db', child: 'shop/cart', callCount: 1 },
        { parent: 'shop/web', child: 'shop/cart', callCount: 8 },
      ],
      total: 5, limit: 0, offset: 0, errors: null,
    })
  })
})

describe('for Zipkin', () => {
  it('dependencies are links with counts of calls and errors', async () => {
    const { url } = await serveShop()
    const links = await jsonAt<object[]>(`${url}/api/v2/dependencies?endTs=${NOW}&lookback=${DAY}`)
    expect(links).toContainEqual({ parent: 'shop/cart', child: 'bank/pay', callCount: 1, errorCount: 1 })
    expect(await jsonAt(`${url}/api/v2/services`)).toEqual(['bank/pay', 'default/unknown', 'shop/cart', 'shop/db', 'shop/web'])
  })

  it('only edges seen in the time asked about are links', async () => {
    const { url } = await serveShop()
    expect(await jsonAt(`${url}/api/v2/dependencies?endTs=${NOW - DAY}&lookback=${DAY}`)).toEqual([])
    expect(await jsonAt(`${url}/api/v2/dependencies?endTs=${NOW + 2 * DAY}&lookback=${DAY}`)).toEqual([])
  })
})

describe('for Grafana', () => {
  it('nodes and edges are the rows of its node graph', async () => {
    const { url } = await serveShop()
    const nodes = await jsonAt<object[]>(`${url}/api/v1/grafana/nodes?namespace=bank`)
    expect(nodes).toEqual([
      {
        id: 'bank/pay', title: 'pay', subTitle: 'bank', mainStat: '0.0167/s', secondaryStat: '100 % failed', arc__success: 0, arc__failed: 1,
        detail__instances: 0, detail__registered: 'no',
      },
      {
        id: 'shop/cart', title: 'cart', subTitle: 'shop', mainStat: '0.167/s', secondaryStat: '0 % failed', arc__success: 1, arc__failed: 0,
        detail__instances: 1, detail__registered: 'yes',
      },
    ])
    const edges = await jsonAt<{ source: string; target: string }[]>(`${url}/api/v1/grafana/edges?namespace=bank`)
    expect(edges).toMatchObject([{ id: 'shop/cart>bank/pay', source: 'shop/cart', target: 'bank/pay', mainStat: '0.0167/s' }])
  })

  it('the Node Graph API’s fields are those of its data', async () => {
    const { url } = await serveShop()
    const { nodes_fields: nodesFields, edges_fields: edgesFields } = await jsonAt<Record<string, { field_name: string }[]>>(`${url}/api/graph/fields`)
    const { nodes, edges } = await jsonAt<Record<string, object[]>>(`${url}/api/graph/data`)
    expect(nodesFields?.map(field => field.field_name)).toEqual(Object.keys(nodes?.[0] ?? {}))
    expect(edgesFields?.map(field => field.field_name)).toEqual(Object.keys(edges?.[0] ?? {}))
    const ids = new Set(nodes?.map(node => (node as { id: string }).id))
    expect(edges?.filter(edge => !ids.has((edge as { source: string }).source) || !ids.has((edge as { target: string }).target))).toEqual([])
    expect((await fetch(`${url}/api/health`)).status).toBe(200)
  })
})

describe('for Prometheus', () => {
  it('live instances with an address are targets', async () => {
    const { url } = await serveShop()
    expect(await jsonAt(`${url}/api/v1/targets`)).toEqual([
      {
        targets: ['10.0.0.1:80'],
        labels: {
          __meta_discovery_namespace: 'shop', __meta_discovery_service: 'cart', __meta_discovery_instance: 'cart-1',
          __meta_discovery_status: 'passing', __meta_discovery_version: '1.0', __meta_discovery_zone: 'eu-1',
        },
      },
      { targets: ['10.0.0.2:5432'], labels: expect.objectContaining({ __meta_discovery_service: 'db' }) as object },
    ])
    expect(await jsonAt<object[]>(`${url}/api/v1/targets?namespace=bank`)).toEqual([])
  })

  it('there is no list at all while this replica catches up: an empty one would end every target', async () => {
    const { url } = await serveShop({ readiness: () => ({ ready: false, reasons: ['reading the checkpoints'] }) })
    const answer = await fetch(`${url}/api/v1/targets`)
    expect([answer.status, await answer.json()]).toEqual([503, expect.objectContaining({ code: 'not_ready', detail: 'reading the checkpoints' })])
  })
})
