import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyOf } from '../../src/core/names.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { CheckpointSite } from './checkpoint-site.ts'
import { Replica } from './replica.ts'
import { runCommand, type Ended } from './running.ts'
import { TopicSet } from './topic-set.ts'

const brokers = sharedBroker().brokers
const prefix = uniquePrefix()
const topics = new TopicSet({ brokers, prefix, partitions: 1 })
const SHARD = 'lookups-0'
const flags = ['--checkpoint.interval=100ms']
let checkpoints: CheckpointSite
let replica: Replica
/** Look-ups sent so far, by service. */
const sent: Record<string, number> = {}

beforeAll(async () => {
  await topics.open()
  await topics.create()
  checkpoints = new CheckpointSite({ brokers, topic: topics.names.checkpoints })
  await send('old', 3)
  await send('cart', 4)
  await count()
})

afterAll(async () => {
  await replica.stop('SIGKILL')
  await checkpoints.close()
  await topics.close()
})

async function send(service: string, number: number): Promise<void> {
  for (let index = 0; index < number; index++) await topics.lookups([{ service }])
  sent[service] = (sent[service] ?? 0) + number
}

/** Starts a replica; resolves once it shows all that was sent. */
async function start(): Promise<void> {
  replica = await Replica.start({ brokers, prefix, flags })
  for (const service of Object.keys(sent)) await untilShown(service, sent[service] ?? 0)
}

/** Has all counted that was sent, and ends the replica. */
async function count(): Promise<void> {
  await start()
  await replica.stop()
}

function untilShown(service: string, number: number): Promise<unknown> {
  return until(async () => (await replica.sum('discovery_lookups_total', { service })) === number, {
    timeoutMs: 60_000, message: `${number} look-ups of ${service} are shown`,
  })
}

function verify(...more: string[]): Promise<Ended> {
  return runCommand(['verify', `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${prefix}`, ...more])
}

/** What differs in the shard of the look-ups: `stale lookups shop cart`. */
async function differing(...more: string[]): Promise<{ cells: string[]; faults: string[] }> {
  const { stdout } = await verify('--json', ...more)
  const reports = stdout.trim().split('\n').map(line => JSON.parse(line) as Report)
  return {
    cells: reports.flatMap(({ cells }) => cells?.differing.map(({ fault, kind, key, mend }) => `${fault} ${kind} ${key.split(' ')[1] ?? ''} ${mend}`) ?? []),
    faults: reports.flatMap(({ faults }) => faults.map(({ fault }) => fault)),
  }
}

interface Report {
  cells: { differing: { fault: string; kind: string; key: string; mend: string }[] } | null
  faults: { fault: string }[]
}

describe('verify', () => {
  it('finds nothing where all is as it should be, and says how much it has looked at', async () => {
    const { code, stdout, stderr } = await verify()
    expect(stderr).toBe('')
    expect(stdout).toContain(`lookups-0: cells: 0 differ, 8 exact (all of ${topics.names.lookups}/0 up to 7)`)
    expect(stdout).toContain('agents-0: cells: 0 differ, 0 exact')
    expect(code).toBe(0)
  })

  it('finds the one cell that counts wrong, says what it should be, and mends it', async () => {
    const [cell] = (await checkpoints.cells(SHARD, 'lookups', keyOf('shop', 'cart'))).slice(-1)
    if (cell === undefined) throw new Error('the log has no such cell')
    cell.outcomes[1] = 100
    await checkpoints.write(SHARD, cell)
    const { code, stdout } = await verify()
    expect(stdout).toContain('wrong: lookups shop cart: as of 7\n    outcomes.SUCCESS is 100, should be 4')
    expect(stdout).toContain('lookups-0: cells: 1 differ, 7 exact')
    expect(code).toBe(1)
    const repaired = await verify('--repair')
    expect(repaired.stdout).toContain('repaired: 1 cell mended')
    expect(repaired.code).toBe(0)
    expect((await verify()).code).toBe(0)
  })

  it('finds the cell that lacks what came last, and mends it under the hands of a running replica, which then shows it', async () => {
    await send('cart', 2)
    await count()
    const [first] = await checkpoints.cells(SHARD, 'lookups', keyOf('shop', 'cart'))
    if (first === undefined) throw new Error('the log has no such cell')
    await checkpoints.claim(SHARD)
    await checkpoints.write(SHARD, first)
    expect(first.asOf).toBeLessThan(9)
    expect(await differing()).toEqual({ cells: ['stale lookups shopcart replace'], faults: ['digest_mismatch'] })
    replica = await Replica.start({ brokers, prefix, flags })
    await untilShown('cart', first.outcomes[1] ?? 0)
    const { code, stdout } = await verify('--repair')
    const repairedAt = performance.now()
    expect(stdout).toContain('repaired: 1 cell mended')
    expect(code).toBe(0)
    await send('cart', 1)
    await untilShown('cart', sent['cart'] ?? 0)
    // It need not wait until the time is over that the repair asked for.
    expect(performance.now() - repairedAt).toBeLessThan(10_000)
    await replica.stop()
    expect(await differing()).toEqual({ cells: [], faults: [] })
  })
})

describe('verify where the beginning of the input is deleted', () => {
  it('says what it cannot verify, and mends what lacks records that are still there by adding them', async () => {
    const key = keyOf('shop', 'cart')
    const next = (await checkpoints.shard(SHARD)).progress?.asOf ?? 0
    const [before] = (await checkpoints.cells(SHARD, 'lookups', key)).slice(-1)
    await topics.admin.deleteTopicRecords({ topic: topics.names.lookups, partitions: [{ partition: 0, offset: String(next) }] })
    await send('cart', 3)
    await count()
    const clean = await verify()
    expect(clean.stdout).toContain(`lookups-0: cells: 0 differ, 0 exact, 3 checked by offset only, 5 unverifiable (${topics.names.lookups}/0 is deleted up to ${next}: `)
    expect(clean.code).toBe(0)
    if (before === undefined) throw new Error('the log has no such cell')
    await checkpoints.claim(SHARD)
    await checkpoints.write(SHARD, { ...before, asOf: next })
    expect(await differing()).toEqual({ cells: ['stale lookups shopcart fold_on'], faults: ['digest_mismatch'] })
    const repaired = await verify('--repair')
    expect(repaired.stdout).toContain('repaired: 1 cell mended')
    expect(repaired.code).toBe(0)
    expect((await checkpoints.shard(SHARD)).cells.lookups.get(key)?.outcomes[1]).toBe(sent['cart'])
  })

  it('leaves alone what lacks records that are deleted, and says so', async () => {
    const [first] = await checkpoints.cells(SHARD, 'lookups', keyOf('shop', 'cart'))
    if (first === undefined) throw new Error('the log has no such cell')
    await checkpoints.claim(SHARD)
    await checkpoints.write(SHARD, first)
    const { code, stdout } = await verify('--repair')
    expect(stdout).toContain(`stale: lookups shop cart: as of ${first.asOf}, should be as of 13; cannot be mended: the input that it lacks is deleted`)
    expect(code).toBe(1)
    expect((await checkpoints.shard(SHARD)).cells.lookups.get(keyOf('shop', 'cart'))?.outcomes[1]).toBe(first.outcomes[1])
  })
})

describe('verify on what it cannot read', () => {
  it('says within half a minute that no broker answers', async () => {
    const { code, stderr, millis } = await runCommand(['verify', '--kafka.brokers=127.0.0.1:1'])
    expect(stderr).toContain('Kafka cannot be reached at 127.0.0.1:1')
    expect(code).toBe(1)
    expect(millis).toBeLessThan(30_000)
  })

  it('names the topics that are not there', async () => {
    const { code, stderr } = await runCommand(['verify', `--kafka.brokers=${brokers.join(',')}`, '--kafka.topic-prefix=nowhere.'])
    expect(stderr).toContain('there is no topic nowhere.discovery.registrations.v1')
    expect(code).toBe(1)
  })

  it('refuses an option that it does not have', async () => {
    const { code, stderr } = await verify('--mend')
    expect(stderr).toContain('--mend: no such option or argument')
    expect(code).toBe(2)
  })
})
