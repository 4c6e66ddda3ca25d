import { produceBacklog } from './backlog.ts'
import { readByServe, type Read } from './draining.ts'
import { SMALL } from './lookups.ts'
import { ratios, spread } from './pairs.ts'
import { load, withSite } from './site.ts'
import type { Sizes } from './sizes.ts'

const NEVER = '60s'
/** Several checkpoints have to fall into a drain. */
const BACKLOGS = 3

/**
 * The same backlog drained by `serve` with checkpoints as they are by default, and with none until the end: in turns, each with a group and
 * a checkpoint topic of its own. Ratios are with/without: of the rates until all is read, and of the processors' time for a record.
 */
export function checkpointBenchmark({ backlog, rounds }: Sizes): Promise<object> {
  const records = BACKLOGS * backlog
  return withSite(async site => {
    await site.create(site.topics)
    await produceBacklog(site.brokers, site.topics.lookups, { records, topology: SMALL, framing: 'single' })
    const pairs: [Read, Read][] = []
    for (let round = 0; round <= rounds; round++) {
      // Who comes first changes from round to round.
      const flags = round % 2 === 0 ? [[], [`--checkpoint.interval=${NEVER}`]] : [[`--checkpoint.interval=${NEVER}`], []]
      const drains: Read[] = []
      for (const each of flags) drains.push(await readByServe(site, { records, flags: each }))
      const [with_, without] = (round % 2 === 0 ? drains : drains.toReversed()) as [Read, Read]
      console.error(JSON.stringify({ round, with: with_, without, load: load() }))
      if (round > 0) pairs.push([with_, without]) // the first warms the broker
    }
    return { records, ...SMALL, ...summaryOf(pairs), load: load() }
  })
}

function summaryOf(pairs: readonly (readonly [Read, Read])[]): object {
  return {
    recordsPerSecond: spread(pairs.map(([{ readPerSecond }]) => readPerSecond)),
    recordsPerSecondWithout: spread(pairs.map(([, { readPerSecond }]) => readPerSecond)),
    rateRatio: ratios(pairs.map(([a, b]) => [a.readPerSecond, b.readPerSecond])),
    cpuRatio: ratios(pairs.map(([a, b]) => [a.cpuMicrosPerRecord, b.cpuMicrosPerRecord])),
  }
}
