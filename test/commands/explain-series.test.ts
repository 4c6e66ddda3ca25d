import { describe, expect, it } from 'vitest'
import { familyNamed, samplesOf, seriesText, similarNames, unknownLabels } from '../../src/commands/explain-series.ts'
import { parseSelector } from '../../src/verify/selector.ts'
import { CountedShard, lookup } from '../verify/shard.ts'

const records = [lookup(0, { durationMicros: 200 }), lookup(1, { outcome: 'FAILURE', errorCategory: 'TIMEOUT', durationMicros: 3_000 })]

/** The samples of `cart` that a selector is about: `name{…} value`. */
function selected(text: string): string[] {
  const selector = parseSelector(text)
  const named = familyNamed(selector.name)
  if (named === null) return []
  const cells = [...new CountedShard(records).view.cells[named.family.cell].values()]
  return cells.flatMap(cell => samplesOf(cell, { named, shard: 'lookups-0', labels: selector.labels })).map(sample => `${seriesText(sample)} ${sample.value}`)
}

function unknown(text: string): string[] | null {
  const selector = parseSelector(text)
  const named = familyNamed(selector.name)
  return named === null ? null : unknownLabels(selector, named)
}

describe('the samples that a selector is about', () => {
  const cart = 'namespace="default",service="cart"'

  it('are those whose labels are as given, in any order and number', () => {
    expect(selected('discovery_lookups_total')).toEqual([
      `discovery_lookups_total{${cart},outcome="success",shard="lookups-0"} 1`, `discovery_lookups_total{${cart},outcome="failure",shard="lookups-0"} 1`,
    ])
    expect(selected('discovery_lookups_total{outcome="failure",service="cart",shard="lookups-0",instance=""}')).toHaveLength(1)
    expect(selected('discovery_lookups_total{service="pay"}')).toEqual([])
  })

  it('of a histogram are its buckets, sum or count, by their names, as /metrics shows them', () => {
    const other = `${cart},cache="other",shard="lookups-0"`
    expect(selected('discovery_lookup_duration_seconds_bucket{cache="other",le="0.00025"}')).toEqual([`discovery_lookup_duration_seconds_bucket{${other},le="0.00025"} 1`])
    expect(selected('discovery_lookup_duration_seconds_bucket{cache="other",le="+Inf"}')).toEqual([`discovery_lookup_duration_seconds_bucket{${other},le="+Inf"} 2`])
    expect(selected('discovery_lookup_duration_seconds{cache="other"}'))
      .toEqual([`discovery_lookup_duration_seconds_sum{${other}} 0.0032`, `discovery_lookup_duration_seconds_count{${other}} 2`])
  })
})

describe('a name that no family has', () => {
  it('is answered with those that are like it, the likest first', () => {
    expect(familyNamed('discovery_lookup_totals')).toBeNull()
    expect(similarNames('discovery_registration_error')[0]).toBe('discovery_registration_errors_total')
    expect(similarNames('http_requests')).toContain('discovery_lookup_cache_requests_total')
    expect(similarNames('xyz')).toEqual([])
  })

  it('is the name of a bucket where there are none', () => {
    expect(familyNamed('discovery_service_graph_request_server_seconds_bucket')).toBeNull()
  })
})

describe('a label that the family does not have', () => {
  it('is told, and le is known of buckets only', () => {
    expect(unknown('discovery_lookup_instances_bucket{le="5",servce="cart",instance=""}')).toEqual(['servce'])
    expect(unknown('discovery_lookup_instances_count{le="5"}')).toEqual(['le'])
  })
})
