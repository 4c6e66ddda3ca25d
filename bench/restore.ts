import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fillCheckpoints } from './checkpoint-log.ts'
import { rounded } from './pairs.ts'
import { Served } from './served.ts'
import { load, withSite, type Site } from './site.ts'
import type { Sizes } from './sizes.ts'

const bareReader = fileURLToPath(new URL('./bare-read.ts', import.meta.url))
const HOUR_MS = '3600000'
const MEBIBYTE = 1_048_576
const ROUNDS = 3

/**
 * A start with all of the checkpoints to be read: from spawning `serve` until it is ready, against a process that only reads the same topic.
 * Nothing is compacted meanwhile. The first round is the one that finds the broker's page cache as it was left by the writing.
 */
export function restoreBenchmark(sizes: Sizes): Promise<object> {
  return withSite(async site => {
    await site.create(site.topics, spec => ({ ...spec, config: { ...spec.config, ...(spec.topic === site.topics.checkpoints ? uncompacted : {}) } }))
    const filled = await fillCheckpoints(site, sizes)
    const rounds = []
    for (let round = 0; round < Math.min(ROUNDS, sizes.rounds); round++) rounds.push(await measure(site))
    return { ...filled, rounds, load: load() }
  })
}

const uncompacted = { 'min.compaction.lag.ms': HOUR_MS, 'max.compaction.lag.ms': HOUR_MS }

async function measure(site: Site): Promise<object> {
  const read = await bareRead(site)
  const served = await Served.start({ ...site, flags: ['--kafka.group-id=bench'] })
  const readySeconds = (await served.ready() - served.spawnedAt) / 1_000
  const { peakMemory, longestBlock, cpu } = await served.now()
  const [, records = '', seconds = ''] = /checkpoints read: 100 %, ([\d,]+) records in ([\d.]+) s/.exec(served.output) ?? []
  await served.stop()
  const measured = {
    readySeconds: rounded(readySeconds), restoreSeconds: Number(seconds), restoredRecords: Number(records.replaceAll(',', '')),
    cpuSeconds: rounded(cpu / 1_000), peakMebibytes: Math.round(peakMemory / MEBIBYTE), longestBlockSeconds: rounded(longestBlock / 1_000),
    bareReadSeconds: rounded(read.seconds), bareReadRecords: read.records, bareReadMebibytes: Math.round(read.bytes / MEBIBYTE),
    ratio: rounded(readySeconds / read.seconds), load: load(),
  }
  console.error(JSON.stringify(measured))
  return measured
}

async function bareRead({ brokers, topics }: Site): Promise<{ records: number; bytes: number; seconds: number }> {
  const began = performance.now()
  const { stdout } = await promisify(execFile)(process.execPath, [bareReader, brokers.join(','), topics.checkpoints])
  const seconds = (performance.now() - began) / 1_000
  return { ...JSON.parse(stdout) as { records: number; bytes: number }, seconds }
}
