import { describe, expect, it } from 'vitest'
import { readQuery } from '../../ops/promql.ts'
import { familyVocabulary, faultsOf } from './vocabulary.ts'

describe('what is read of a query', () => {
  it('is the series it names, with their matchers, and no function, operator or duration', () => {
    const quantile = 'histogram_quantile(0.9, sum by (le) (rate(a_bucket{b="c, {d}",e!~"f"}[5m] offset 1h)))'
    const { selectors } = readQuery(`${quantile} >= 0 or 0 * x:y:rate5m`)
    expect(selectors).toEqual([
      {
        name: 'a_bucket',
        matchers: [
          { label: 'b', operator: '=', value: 'c, {d}' },
          { label: 'e', operator: '!~', value: 'f' },
        ],
      },
      { name: 'x:y:rate5m', matchers: [] },
    ])
  })

  it('is what each grouping is about', () => {
    const { groupings } = readQuery('sum by (a, b) (x) / on (a) group_left () sum without (c) (y or z)')
    expect(groupings.map(({ labels, selectors }) => [labels, selectors.map(({ name }) => name)])).toEqual([
      [['a', 'b'], ['x']],
      [['a'], ['x', 'y', 'z']],
      [[], ['y', 'z']],
      [['c'], ['y', 'z']],
    ])
  })

  it('takes labels from the side that there is one of', () => {
    const { groupings } = readQuery('x * on (a) group_right (b) y')
    expect(groupings.map(({ labels, selectors }) => [labels, selectors.map(({ name }) => name)])).toEqual([
      [['a'], ['x', 'y']],
      [['b'], ['x']],
    ])
  })

  it('names what it asks for, by one name or by several', () => {
    expect(() => readQuery('sum({job="x"})')).toThrow('without naming')
    expect(readQuery('count by (a) ({__name__=~"x|y",job="z"})').groupings[0]?.selectors).toEqual(
      ['x', 'y'].map(name => ({ name, matchers: [{ label: 'job', operator: '=', value: 'z' }] })),
    )
  })

  it.each(['sum(x', 'rate(x[5])) + ', 'x == bool', 'sum by (a (x)', 'x{a=b}'])('is none of what is no PromQL: %s', expression => {
    expect(() => readQuery(expression)).toThrow('is no PromQL')
  })
})

describe('the vocabulary of the families', () => {
  const vocabulary = familyVocabulary()

  it.each([
    ['discovery_lookup_total', 'there is no discovery_lookup_total'],
    ['rate(discovery_lookup_duration_seconds[5m])', 'there is no discovery_lookup_duration_seconds'],
    ['discovery_lookups_total{result="hit"}', 'discovery_lookups_total has no result'],
    ['discovery_lookups_total{outcome="fail"}', 'outcome of discovery_lookups_total is never fail'],
    ['discovery_registrations_total{outcome="empty"}', 'outcome of discovery_registrations_total is never empty'],
    ['discovery_instances{status=~"passing|fine"}', 'status of discovery_instances is never fine'],
    ['sum by (zone) (discovery_instances)', 'discovery_instances has no zone'],
    ['sum by (instance) (discovery_instances)', 'discovery_instances has no instance'],
  ])('has not what %s asks for', (expression, fault) => {
    expect(faultsOf(expression, vocabulary)).toEqual([fault])
  })

  it('has what is stored of a histogram, of a summary, and of a replica itself', () => {
    const expression =
      'sum by (le) (discovery_lookup_duration_seconds_bucket{cache="hit"}) ' +
      '+ sum by (client, shard) (discovery_service_graph_request_server_seconds_sum) + sum by (instance) (discovery_aggregator_build_info)'
    expect(faultsOf(expression, vocabulary)).toEqual([])
  })
})
