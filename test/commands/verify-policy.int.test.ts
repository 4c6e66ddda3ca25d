import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { Replica } from './replica.ts'
import { runCommand } from './running.ts'
import { TopicSet } from './topic-set.ts'

const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 1 })
const folder = mkdtempSync(join(tmpdir(), 'discovery-metrics-policy-'))
const withPolicy = [`--policy.file=${join(folder, 'policy.yaml')}`]

beforeAll(async () => {
  writeFileSync(join(folder, 'policy.yaml'), "rules: [{ field: service, match: 'cart-.*', action: replace, replacement: cart }]\n")
  await topics.open()
  await topics.create()
})

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await topics.close()
})

/** Has a replica count what is sent, until it shows so many look-ups of `cart`; gives those of all services. */
async function count(carts: number, flags: readonly string[]): Promise<number> {
  const replica = await Replica.start({ brokers, prefix, flags: ['--checkpoint.interval=100ms', ...flags] })
  await until(async () => (await replica.sum('discovery_lookups_total', { service: 'cart' })) === carts, {
    timeoutMs: 60_000, message: `${carts} look-ups of cart are shown`,
  })
  const all = await replica.sum('discovery_lookups_total', {})
  await replica.stop()
  return all
}

async function verify(...more: string[]): Promise<{ code: number | null; lookups: string; faults: string[]; repairs: unknown[] }> {
  const { code, stdout } = await runCommand(['verify', '--json', `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${prefix}`, ...more])
  const reports = stdout.trim().split('\n').map(line => JSON.parse(line) as Report)
  const [lookups] = reports.filter(({ shard }) => shard === 'lookups-0')
  return {
    code, lookups: lookups?.cells === null ? 'not compared' : `${lookups?.cells.differing.length ?? 'no'} differ`,
    faults: (lookups?.faults ?? []).map(({ fault }) => fault), repairs: reports.flatMap(({ repair }) => repair ?? []),
  }
}

interface Report {
  shard: string
  cells: { differing: unknown[] } | null
  faults: { fault: string }[]
  repair: unknown
}

describe('verify, where the policy of the replicas changes', () => {
  it('wants the policy by which the cells were counted, and repairs nothing that an earlier one counted', async () => {
    await topics.lookups([{ service: 'cart' }, { service: 'cart-blue' }])
    expect(await count(1, [])).toBe(2)
    expect(await verify()).toEqual({ code: 0, lookups: '0 differ', faults: [], repairs: [] })
    expect(await verify('--repair', ...withPolicy)).toEqual({ code: 1, lookups: 'not compared', faults: ['policy_differs'], repairs: [] })

    await topics.lookups([{ service: 'cart-blue' }])
    expect(await count(2, withPolicy)).toBe(3)
    const changed = await verify('--repair', ...withPolicy)
    expect(changed).toMatchObject({ code: 1, faults: ['policy_changed'], repairs: [] })
    expect(changed.lookups).not.toBe('0 differ')
    expect(await count(2, withPolicy)).toBe(3)

    const counted = 3
    await topics.admin.deleteTopicRecords({ topic: topics.names.lookups, partitions: [{ partition: 0, offset: String(counted) }] })
    expect(await verify(...withPolicy)).toMatchObject({ code: 0, lookups: '0 differ', faults: [] })
  })
})
