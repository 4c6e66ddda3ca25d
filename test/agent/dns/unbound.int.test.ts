import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { dig } from './dns-process.ts'
import { createNamed, type Named } from './named.ts'
import { Recording } from './recording.ts'
import { createUnbound, type Unbound } from './unbound.ts'

const zone = 'cluster.local'
const cart = 'cart.shop.svc.cluster.local'

let folder: string
let upstream: Named
let unbound: Unbound
let recording: Recording

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unbound-agent-'))
  const socket = join(folder, 'dnstap.sock')
  upstream = await createNamed()
  unbound = await createUnbound({ socket, upstream: upstream.port })
  recording = new Recording({ socket, queryTimeoutMs: 2_000 })
  await recording.start()
  await upstream.start(zone)
  await unbound.start(zone)
})

afterAll(async () => {
  await unbound.remove()
  await upstream.remove()
  await recording.stop()
  await rm(folder, { recursive: true, force: true })
})

function untilTold(line: string): Promise<unknown> {
  return until(() => recording.told.includes(line), { message: `${line} is recorded, beside ${recording.told.join(', ')}`, timeoutMs: 30_000 })
}

describe('Unbound tells', () => {
  it('what was found, and how long it took although its responses do not say when they were asked for', async () => {
    await dig(unbound.port, { name: cart, from: '127.0.0.61' })
    expect(await untilTold('127.0.0.61: shop/cart SUCCESS 2')).toBe(true)
    const lookup = recording.lookups.find(({ clientInstance }) => clientInstance === '127.0.0.61')
    expect(lookup?.durationMicros).toBeGreaterThan(0)
    expect(recording.count('endings', 'paired')).toBeGreaterThan(0)
  })

  it('what was not', async () => {
    await dig(unbound.port, { name: `nobody.shop.svc.${zone}`, from: '127.0.0.62' })
    expect(await untilTold('127.0.0.62: shop/nobody FAILURE -1 NXDOMAIN')).toBe(true)
  })

  it('what a stopped upstream leaves unanswered: a time-out', async () => {
    upstream.signal('SIGSTOP')
    const said = await dig(unbound.port, { name: `slow.shop.svc.${zone}`, from: '127.0.0.63', tries: 1 })
    expect(said).toMatch(/timed out|no servers could be reached/)
    expect(await untilTold('127.0.0.63: shop/slow FAILURE -1 TIMEOUT')).toBe(true)
    upstream.signal('SIGCONT')
    await dig(unbound.port, { name: `slow.shop.svc.${zone}`, from: '127.0.0.64', tries: 10 })
    expect(await untilTold('127.0.0.64: shop/slow FAILURE -1 NXDOMAIN')).toBe(true)
    expect(recording.told.filter(line => line.startsWith('127.0.0.63'))).toHaveLength(1)
  })

  it('on, after the agent was away', async () => {
    await recording.stop()
    await recording.start()
    const before = recording.sum('frames')
    await until(async () => {
      await dig(unbound.port, { name: cart, from: '127.0.0.65', tries: 1 })
      return recording.sum('frames') > before
    }, { message: 'Unbound is back', timeoutMs: 60_000 })
    expect(await untilTold('127.0.0.65: shop/cart SUCCESS 2')).toBe(true)
  })
})
