import { describe, expect, it } from 'vitest'
import { differencesOf, shownOn } from './compare.ts'

const during = { began: 100, now: 200 }
const lookups = (shard: string, value: number): string =>
  `discovery_lookups_total{namespace="shop",service="cart",outcome="success",shard="${shard}",instance=""} ${value}\n`
const expected = new Map([['discovery_lookups_total{namespace="shop",outcome="success",service="cart",shard="lookups-0"}', 5]])

describe('what several pages show together', () => {
  it('is all right where it is what was expected, zeros and series without a shard aside', () => {
    const page = `${lookups('lookups-0', 5)}${lookups('lookups-1', 0)}discovery_aggregator_rebalances_total 4\n`
    const { series, twice } = shownOn([page, ''], during)
    expect(differencesOf(expected, series)).toEqual([])
    expect(twice).toEqual([])
  })

  it('differs where a series is missing, is too much, or was not expected', () => {
    const [name = ''] = expected.keys()
    const shownAs = (text: string) => differencesOf(expected, shownOn([text], during).series)
    expect(shownAs('')).toEqual([{ series: name, expected: 5, shown: 0 }])
    expect(shownAs(lookups('lookups-0', 6))).toEqual([{ series: name, expected: 5, shown: 6 }])
    expect(shownAs(lookups('lookups-0', 5) + lookups('lookups-1', 1))).toEqual([
      { series: name.replace('lookups-0', 'lookups-1'), expected: 0, shown: 1 },
    ])
  })

  it('tells of a series that two pages show', () => {
    expect(shownOn([lookups('lookups-0', 5), lookups('lookups-0', 5)], during).twice).toEqual([...expected.keys()])
  })

  it('asks of a last deployment only that it lies within the run', () => {
    const series = 'discovery_last_deployment_timestamp_seconds{namespace="a",service="b",shard="registrations-0",instance=""}'
    expect([...shownOn([`${series} 150\n`], during).series.values()]).toEqual([1])
    expect([...shownOn([`${series} 99\n`], during).series.values()]).toEqual([99])
  })

  it('counts agents whether they are active or silent', () => {
    const page = ['active', 'silent'].map((state, count) =>
      `discovery_agents{kind="sdk",state="${state}",shard="agents-0",instance=""} ${count + 1}\n`)
    expect(shownOn([page.join('')], during).series).toEqual(new Map([['discovery_agents{kind="sdk",shard="agents-0"}', 3]]))
  })
})
