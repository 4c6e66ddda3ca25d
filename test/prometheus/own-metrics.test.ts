import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { rejectReasons } from '../../src/contract/bounds.ts'
import { createOwnMetrics } from '../../src/prometheus/own-metrics.ts'
import { createPages } from '../../src/prometheus/pages.ts'
import { ownFamilies } from '../../src/prometheus/own-families.ts'
import { familyLines, wholeOf } from './pages-of.ts'

function own() {
  const registry = new Registry()
  const telemetry = createOwnMetrics(registry, { version: '1.2.3' })
  const samples = async (family: keyof typeof ownFamilies) =>
    familyLines(await registry.metrics(), ownFamilies[family].name).filter(line => !line.startsWith('#'))
  return { registry, telemetry, samples }
}

function refuse(): never {
  throw new Error('not now')
}

describe('the service’s own metrics', () => {
  it('count records, bytes and time of batches, by topic', async () => {
    const { telemetry, samples } = own()
    telemetry.batchFolded({ topic: 'lookups', records: 3, bytes: 400, seconds: 0.002 })
    telemetry.batchFolded({ topic: 'lookups', records: 20, bytes: 2_000, seconds: 0.25 })
    expect(await samples('messages')).toEqual(['discovery_aggregator_messages_total{topic="lookups"} 23'])
    expect(await samples('bytes')).toEqual(['discovery_aggregator_bytes_total{topic="lookups"} 2400'])
    expect(await samples('batchRecords')).toContain('discovery_aggregator_batch_records_bucket{le="10",topic="lookups"} 1')
    expect(await samples('foldSeconds')).toContain('discovery_aggregator_fold_seconds_sum{topic="lookups"} 0.252')
  })

  it('show the lag of a partition until it is another replica’s', async () => {
    const { telemetry, samples } = own()
    telemetry.lag('lookups', 0, 5)
    telemetry.lag('lookups', 1, 9)
    telemetry.lag('lookups', 0, 2)
    telemetry.forgetLag('lookups', 1)
    expect(await samples('lagRecords')).toEqual(['discovery_aggregator_lag_records{topic="lookups",partition="0"} 2'])
  })

  it('begin every counter of a topic at zero when it is first owned, and take nothing back when it is owned again', async () => {
    const { telemetry, samples } = own()
    telemetry.owned('lookups', 2)
    const zeros = rejectReasons.map(reason => `discovery_aggregator_rejected_total{topic="lookups",reason="${reason}"} 0`)
    expect(await samples('rejected')).toEqual(zeros)
    telemetry.rejected('lookups', 'malformed')
    telemetry.lost('lookups', 7)
    telemetry.owned('lookups', 0)
    expect(await samples('rejected')).toContain('discovery_aggregator_rejected_total{topic="lookups",reason="malformed"} 1')
    expect(await samples('lost')).toEqual(['discovery_aggregator_lost_records_total{topic="lookups"} 7'])
    expect(await samples('ownedPartitions')).toEqual(['discovery_aggregator_owned_partitions{topic="lookups"} 0'])
  })

  it('count crashes and rebalances from zero, and name the version', async () => {
    const { telemetry, samples } = own()
    expect(await samples('consumerCrashes')).toEqual(['discovery_aggregator_consumer_crashes_total 0'])
    telemetry.crashed()
    telemetry.rebalanced()
    telemetry.rebalanced()
    expect(await samples('consumerCrashes')).toEqual(['discovery_aggregator_consumer_crashes_total 1'])
    expect(await samples('rebalances')).toEqual(['discovery_aggregator_rebalances_total 2'])
    expect(await samples('buildInfo')).toEqual(['discovery_aggregator_build_info{version="1.2.3"} 1'])
  })
})

describe('pages', () => {
  it('that were read whole are timed, by scope', async () => {
    const { registry, telemetry, samples } = own()
    await wholeOf(createPages({ registry, shards: () => [], telemetry }).write({ format: 'text', scope: 'cluster' }))
    expect(await samples('scrapeSeconds')).toContain('discovery_aggregator_scrape_duration_seconds_count{scope="cluster"} 1')
    expect(await samples('scrapeFailures')).toEqual([])
  })

  it('that failed are counted, and the error is passed on', async () => {
    const { registry, telemetry, samples } = own()
    const pages = createPages({ registry, shards: refuse, telemetry })
    const page = pages.write({ format: 'text', scope: 'replica' })
    await expect(page.next()).rejects.toThrow('not now')
    expect(await samples('scrapeFailures')).toEqual(['discovery_aggregator_scrape_failures_total{scope="replica"} 1'])
  })

  it('that a client left unread count neither way', async () => {
    const { registry, telemetry, samples } = own()
    const page = createPages({ registry, shards: () => [], telemetry }).write({ format: 'text', scope: 'replica' })
    await page.next()
    await page.return()
    expect([...await samples('scrapeSeconds'), ...await samples('scrapeFailures')]).toEqual([])
  })
})
