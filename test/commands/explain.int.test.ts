import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyOf } from '../../src/core/names.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { CheckpointSite } from './checkpoint-site.ts'
import { Replica } from './replica.ts'
import { runCommand, type Ended } from './running.ts'
import { TopicSet } from './topic-set.ts'

const SERVICES = 60
const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 1 })
let checkpoints: CheckpointSite

beforeAll(async () => {
  await topics.open()
  await topics.create()
  await topics.lookups([{ service: 'cart "x"' }, ...Array.from({ length: SERVICES }, (_, index) => ({ service: `s-${index}` }))])
  checkpoints = new CheckpointSite({ brokers, topic: topics.names.checkpoints })
  const replica = await Replica.start({ brokers, prefix, flags: ['--checkpoint.interval=100ms'] })
  await until(async () => (await replica.sum('discovery_lookups_total')) === SERVICES + 1, { timeoutMs: 60_000, message: 'all is shown' })
  await replica.stop()
})

afterAll(async () => {
  await checkpoints.close()
  await topics.close()
})

function explain(...args: string[]): Promise<Ended> {
  return runCommand(['explain', `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${prefix}`, ...args])
}

describe('explain', () => {
  it('says which shard, cell, offsets, claim and owner a number comes from', async () => {
    const { code, stdout, stderr } = await explain('--json', 'discovery_lookups_total{service="cart \\"x\\"",outcome="success"}')
    const { claim } = await checkpoints.shard('lookups-0')
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({
      series: 'discovery_lookups_total{namespace="shop",service="cart \\"x\\"",outcome="success",shard="lookups-0"}', value: 1,
      shard: 'lookups-0', topic: topics.names.lookups, partition: 0, kind: 'lookups', key: keyOf('shop', 'cart "x"'), asOf: 1, expiresAt: expect.any(Number) as number,
      epoch: claim?.epoch, owner: claim, next: SERVICES + 1, lag: 0,
    })
    expect(code).toBe(0)
  })

  it('says the same for people, and how far the shard lags behind', async () => {
    await topics.lookups([{ service: 'cart' }, { service: 'cart' }])
    const { stdout } = await explain('discovery_lookups_total{service="s-3"}')
    const lines = stdout.trim().split('\n')
    expect(lines[0]).toBe('discovery_lookups_total{namespace="shop",service="s-3",outcome="success",shard="lookups-0"} 1')
    expect(lines[2]).toMatch(/^ {2}cell {8}lookups "4\.3 shops-3", as of input offset 5, expires 2\S+Z$/)
    expect(lines[4]).toMatch(/^ {2}owner {7}discovery-metrics on \S+, process \d+, since 2\S+Z, by claim \d+$/)
    expect(lines[5]).toMatch(/^ {2}progress {4}next input offset 61, stream time 2\S+Z, lag 2$/)
  })

  it('tells fifty series, and how many more there are', async () => {
    const { code, stdout, stderr } = await explain('--json', 'discovery_lookups_total')
    expect(stdout.trim().split('\n')).toHaveLength(50)
    expect(stderr).toContain('11 more series match: give more labels')
    expect(code).toBe(0)
  })

  it('ends with 1 where no series matches', async () => {
    const { code, stdout, stderr } = await explain('discovery_lookups_total{service="nobody"}')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('no series matches')
  })

  it('names the families that are like one that there is not', async () => {
    const { code, stderr } = await explain('discovery_lookup_total')
    expect(stderr).toContain('no family discovery_lookup_total is counted from the inputs: is it discovery_lookups_total')
    expect(code).toBe(1)
  })

  it('refuses what is no series, a label that there is not, and a missing or second argument', async () => {
    const ends = await Promise.all([explain('discovery_lookups_total{service=cart}'), explain('discovery_lookups_total{servce="x"}'), explain(), explain('a', 'b')])
    expect(ends.map(({ code }) => code)).toEqual([2, 2, 2, 2])
    expect(ends[0]?.stderr).toContain('a value in quotes must come')
    expect(ends[1]?.stderr).toContain('discovery_lookups_total has no label servce; it has namespace, service, outcome, shard')
    expect(ends[3]?.stderr).toContain('b: no such option or argument')
  })

  it('says within half a minute that no broker answers', async () => {
    const { code, stderr, millis } = await runCommand(['explain', '--kafka.brokers=127.0.0.1:1', 'discovery_lookups_total'])
    expect(stderr).toContain('Kafka cannot be reached at 127.0.0.1:1')
    expect(code).toBe(1)
    expect(millis).toBeLessThan(30_000)
  })
})
