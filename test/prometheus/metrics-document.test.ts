import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { families } from '../../src/core/families.ts'
import { foldFamilies } from '../../src/prometheus/fold-family.ts'
import { mostSeries } from '../../src/core/families/cardinality.ts'
import { metricsDocument } from '../../src/prometheus/metrics-document.ts'
import { ownFamilies } from '../../src/prometheus/own-families.ts'

describe('docs/metrics.md', () => {
  it('is what the tables of families say: run npm run docs', () => {
    expect(readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')).toBe(metricsDocument())
  })

  it('tells of every family', () => {
    const names = [...families, ...Object.values(ownFamilies)].map(({ name }) => name)
    expect(names.filter(name => !metricsDocument().includes(name))).toEqual([])
  })

  it('says what a family costs', () => {
    const costs = Object.fromEntries(foldFamilies.map(family => [family.name.replace('discovery_', ''), mostSeries(family)]))
    expect(costs).toMatchObject({
      lookups_total: 4, lookup_cache_requests_total: 4, lookup_duration_seconds: 2 * 19, lookup_instances: 11, service_graph_request_total: 1,
      service_graph_request_server_seconds: 2, instances: 7, registrations_total: 7 * 3, agents: 2,
    })
  })
})

describe('every family of the fold', () => {
  it('asks a question, and its example asks for the family', () => {
    expect(families.filter(({ question }) => !/^[A-Z].{15,}\?$/.test(question)).map(({ name }) => name)).toEqual([])
    expect(families.filter(({ name, example }) => !example.includes(name)).map(({ name }) => name)).toEqual([])
  })
})
