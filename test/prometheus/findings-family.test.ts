import { describe, expect, it } from 'vitest'
import { createRegistry } from '../../src/prometheus/registry.ts'
import { lookup, shardOf } from '../views/shards.ts'
import { familyLines, pageOf } from './pages-of.ts'

const counts = {
  cycle: 2, unregistered_lookup: 5, unused_registration: 0, single_point_of_failure: 1, cache_bypass: 0, stale_answers: 0,
}
const speaker = shardOf([lookup({})], { shard: 'lookups-0' })
const other = shardOf([lookup({})], { shard: 'lookups-1' })

describe('the gauge of findings', () => {
  it('is shown on a page of the shard lookups-0, by kind and with zeros', async () => {
    const page = await pageOf(createRegistry({ shards: () => [speaker], findings: () => counts }), [speaker, other])
    expect(familyLines(page, 'discovery_findings')).toEqual([
      '# HELP discovery_findings What looks wrong in the map of all shards, by kind, zeros shown; looked for anew every fifteen seconds.',
      '# TYPE discovery_findings gauge',
      'discovery_findings{kind="cycle",shard="lookups-0",instance=""} 2',
      'discovery_findings{kind="unregistered_lookup",shard="lookups-0",instance=""} 5',
      'discovery_findings{kind="unused_registration",shard="lookups-0",instance=""} 0',
      'discovery_findings{kind="single_point_of_failure",shard="lookups-0",instance=""} 1',
      'discovery_findings{kind="cache_bypass",shard="lookups-0",instance=""} 0',
      'discovery_findings{kind="stale_answers",shard="lookups-0",instance=""} 0',
    ])
  })

  it('is on no page of other shards, where nobody is made to look either', async () => {
    let looks = 0
    const findings = () => {
      looks++
      return counts
    }
    const page = await pageOf(createRegistry({ shards: () => [other], findings }), [other])
    expect([familyLines(page, 'discovery_findings').filter(line => !line.startsWith('#')), looks]).toEqual([[], 0])
  })

  it('is not shown as long as nobody has looked: zero would be a claim', async () => {
    const page = await pageOf(createRegistry({ shards: () => [speaker], findings: () => null }), [speaker])
    expect(familyLines(page, 'discovery_findings').filter(line => !line.startsWith('#'))).toEqual([])
  })
})
