import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { Replica } from './replica.ts'
import { runCommand } from './running.ts'
import { TopicSet } from './topic-set.ts'

const SERVICES = 16
const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 2 })
const folder = mkdtempSync(join(tmpdir(), 'policy-'))
const file = join(folder, 'policy.yaml')
let sent = 0

beforeAll(async () => {
  writeFileSync(file, `rules: [{ field: service, match: 's-[0-9]+', action: replace, replacement: shop }]\nlevels: { edge: false }\n`)
  await topics.open()
  await topics.create()
})

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await topics.close()
})

async function send(): Promise<void> {
  await topics.lookups(Array.from({ length: SERVICES }, (_, index) => ({ service: `s-${index}` })))
  sent += SERVICES
}

function start(...flags: string[]): Promise<Replica> {
  return Replica.start({ brokers, prefix, flags: ['--checkpoint.interval=100ms', ...flags] })
}

/** All that was sent is shown, by all replicas together, and each shows something. */
function untilAllShown(...replicas: Replica[]): Promise<unknown> {
  return until(async () => {
    const shown = await Promise.all(replicas.map(replica => replica.sum('discovery_lookups_total')))
    return shown.every(sum => sum > 0) && shown.reduce((all, sum) => all + sum, 0) === sent
  }, { timeoutMs: 60_000, message: `${sent} look-ups are shown by ${replicas.length} replicas` })
}

const asked = 'discovery_lookups_total{service="s-99",outcome="success"}'
const explain = (...more: string[]): ReturnType<typeof runCommand> =>
  runCommand(['explain', `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${prefix}`, ...more, asked])

describe('replicas of two policies', () => {
  it('side by side show every look-up once, and so does the one that has all in the end; its names are merged over all partitions', async () => {
    await send()
    const old = await start()
    await untilAllShown(old)
    const young = await start(`--policy.file=${file}`)
    await send()
    await untilAllShown(old, young)
    await old.stop()
    await send()
    await untilAllShown(young)
    expect(await young.sum('discovery_lookups_total', { service: 'shop' })).toBeGreaterThanOrEqual(SERVICES)
    const shards = (await young.samples()).filter(({ name, labels }) => name === 'discovery_lookups_total' && labels['service'] === 'shop' && labels['outcome'] === 'success')
    expect(new Set(shards.map(({ labels }) => labels['shard'])).size).toBe(2)
    expect(young.logged('error')).toEqual([])
    await young.stop()
  })

  it('are explained by the names that were sent', async () => {
    expect((await explain()).code).toBe(1)
    const { code, stdout } = await explain(`--policy.file=${file}`)
    expect(stdout).toContain('service="shop"')
    expect(code).toBe(0)
  })
})
