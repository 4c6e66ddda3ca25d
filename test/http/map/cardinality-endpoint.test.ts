import { describe, expect, it } from 'vitest'
import type { Cardinality } from '../../../src/views/cardinality.ts'
import { jsonAt, serveShop } from './endpoints-site.ts'

async function asked(query = ''): Promise<Cardinality> {
  const { url } = await serveShop()
  return jsonAt<Cardinality>(`${url}/api/v1/cardinality${query}`)
}

describe('/api/v1/cardinality', () => {
  it('tells what families come to in series, the largest first', async () => {
    const { families } = await asked()
    const series = Object.fromEntries(families.map(({ family, series: count }) => [family.replace('discovery_', ''), count]))
    expect(series).toMatchObject({ service_graph_request_total: 5, lookups_total: 3 * 4, lookup_errors_total: 1, instances: 3 * 7, version_instances: 1 })
    expect(families.map(({ series: count }) => count)).toEqual(families.map(({ series: count }) => count).toSorted((one, other) => other - one))
    expect(families.every(({ budget, overflowed, refused }) => budget === null && overflowed === 0 && refused === 0)).toBe(true)
  })

  it('tells how many values a label has, and which have the most series', async () => {
    const { labels } = await asked('?limit=2')
    const of = (wanted: string) => labels.find(({ label }) => label === wanted)
    expect(of('client')).toMatchObject({ values: 4, top: [{ value: 'cart', series: 8 }, { value: 'web', series: 4 }] })
    expect(of('server')).toMatchObject({ values: 3, top: [{ value: 'cart' }, { value: 'db' }] })
    expect(of('code')).toMatchObject({ values: 1 })
    expect(labels.every(({ top }) => top.length <= 2)).toBe(true)
  })

  it('tries budgets on what is there, by the rule of the fold', async () => {
    expect((await asked()).dryRun).toEqual([])
    expect((await asked('?edge.total=4')).dryRun).toEqual([{ budget: 'edge', total: 4, within: 2_000, apart: 5, overflowing: 1 }])
    expect((await asked('?edge.within=1&service.total=2&agent.total=9')).dryRun).toEqual([
      { budget: 'service', total: 2, within: 5_000, apart: 6, overflowing: 2 },
      { budget: 'edge', total: 200_000, within: 1, apart: 5, overflowing: 2 },
      { budget: 'agent', total: 9, within: null, apart: 0, overflowing: 0 },
    ])
  })

  it('says what is allowed for a budget that is none', async () => {
    const { url } = await serveShop()
    expect(await jsonAt(`${url}/api/v1/cardinality?edge.total=0`)).toMatchObject({ code: 'bad_parameter', detail: 'edge.total must be a whole number of at least 1 and at most 100000000.' })
    expect(await jsonAt(`${url}/api/v1/cardinality?agent.within=1`)).toMatchObject({ code: 'unknown_parameter' })
  })
})
