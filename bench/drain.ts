import { produceBacklog } from './backlog.ts'
import { drainByKafkajs, drainByServe, type Drained } from './draining.ts'
import { SMALL } from './lookups.ts'
import { ratios, spread } from './pairs.ts'
import { withRegistry } from './registry.ts'
import { load, withSite } from './site.ts'
import type { Sizes } from './sizes.ts'

/**
 * A backlog of look-ups until `/metrics` shows all of them, checkpoints on, against stock kafkajs that reads the same topic in batches and
 * does nothing: in turns. Ratios are serve/kafkajs.
 */
export function drainBenchmark({ backlog: records, rounds, framing }: Sizes): Promise<object> {
  return withSite(site => withRegistry(framing, async flags => {
    await site.create(site.topics)
    await produceBacklog(site.brokers, site.topics.lookups, { records, topology: SMALL, framing })
    const pairs: (readonly [Drained, Drained])[] = []
    for (let round = 0; round <= rounds; round++) {
      const serve = () => drainByServe(site, { records, flags })
      const bare = () => drainByKafkajs(site, { topic: site.topics.lookups, records })
      // Who comes first changes from round to round.
      const pair = round % 2 === 0 ? [await serve(), await bare()] as const : (await inTurn(bare, serve)).toReversed() as [Drained, Drained]
      console.error(JSON.stringify({ round, serve: pair[0], kafkajs: pair[1], load: load() }))
      if (round > 0) pairs.push(pair) // the first warms the broker
    }
    return { records, ...SMALL, framing, ...summaryOf(pairs), load: load() }
  }))
}

async function inTurn<A, B>(first: () => Promise<A>, second: () => Promise<B>): Promise<[A, B]> {
  return [await first(), await second()]
}

function summaryOf(pairs: readonly (readonly [Drained, Drained])[]): object {
  const of = (name: keyof Drained, side: 0 | 1) => spread(pairs.map(pair => pair[side][name]))
  const ratio = (name: keyof Drained) => ratios(pairs.map(([a, b]) => [a[name], b[name]]))
  return {
    recordsPerSecond: of('recordsPerSecond', 0), readPerSecond: of('readPerSecond', 0), kafkajsPerSecond: of('recordsPerSecond', 1),
    cpuMicrosPerRecord: of('cpuMicrosPerRecord', 0), kafkajsCpuMicrosPerRecord: of('cpuMicrosPerRecord', 1),
    rateRatio: ratio('recordsPerSecond'), readRatio: ratio('readPerSecond'), cpuRatio: ratio('cpuMicrosPerRecord'),
  }
}
