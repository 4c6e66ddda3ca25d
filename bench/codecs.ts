import { topicNames } from '../src/contract/topics.ts'
import { javaProduce, prepareJava } from '../test/kafka/java-producer.ts'
import { drainByServe, type Drained } from './draining.ts'
import { FIRST_SEQUENCE, lookupEncoder, type Framing } from './lookup-batch.ts'
import { Lookups, SMALL } from './lookups.ts'
import { ratios, spread } from './pairs.ts'
import { withRegistry } from './registry.ts'
import { load, withSite, type Site } from './site.ts'
import type { Sizes } from './sizes.ts'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** The same look-ups drained from partition 0 as Apache Kafka's own producer has compressed them. Ratios are against `none` of the same round. */
export function codecsBenchmark({ records, rounds, framing }: Sizes): Promise<object> {
  return withSite(site => withRegistry(framing, async flags => {
    const sites = await filledSites(site, { records, framing })
    const all: Drained[][] = []
    for (let round = 0; round <= rounds; round++) {
      const drains: Drained[] = []
      for (const each of sites) drains.push(await drainByServe(each, { records, flags }))
      console.error(JSON.stringify({ round, cpu: drains.map(({ cpuMicrosPerRecord }) => cpuMicrosPerRecord), load: load() }))
      if (round > 0) all.push(drains)
    }
    return { records, ...SMALL, framing, codecs: CODECS.map((codec, index) => ({ codec, ...summaryOf(all, index) })), load: load() }
  }))
}

/** Topics of its own for each compression. */
async function filledSites(site: Site, { records, framing }: { records: number; framing: Framing }): Promise<Site[]> {
  await prepareJava()
  const lookups = new Lookups(SMALL)
  const encode = lookupEncoder(framing)
  const values = Array.from({ length: records }, (_, index) => encode({ ...lookups.next(), sequence: FIRST_SEQUENCE + index, occurredAt: Date.now() }))
  const sites: Site[] = []
  for (const compression of CODECS) {
    const topicPrefix = `${site.topicPrefix}${compression}.`
    const topics = topicNames(topicPrefix)
    await site.create(topics)
    await javaProduce(site.brokers, [{ topic: topics.lookups, compression, end: 'plain', values }])
    sites.push({ ...site, topicPrefix, topics })
  }
  return sites
}

function summaryOf(all: readonly (readonly Drained[])[], index: number): object {
  const none: Drained = { recordsPerSecond: Number.NaN, readPerSecond: Number.NaN, cpuMicrosPerRecord: Number.NaN }
  const pairs = all.map(drains => [drains[index] ?? none, drains[0] ?? none] as const)
  return {
    recordsPerSecond: spread(pairs.map(([each]) => each.recordsPerSecond)), cpuMicrosPerRecord: spread(pairs.map(([each]) => each.cpuMicrosPerRecord)),
    rateRatio: ratios(pairs.map(([each, plain]) => [each.recordsPerSecond, plain.recordsPerSecond])),
    cpuRatio: ratios(pairs.map(([each, plain]) => [each.cpuMicrosPerRecord, plain.cpuMicrosPerRecord])),
  }
}
