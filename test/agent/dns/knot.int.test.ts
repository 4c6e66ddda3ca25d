import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureTools } from '../../support/toolchain.ts'
import { until } from '../../support/until.ts'
import { dig } from './dns-process.ts'
import { createKnot, type Knot } from './knot.ts'
import { Recording } from './recording.ts'

const zone = 'cluster.local'
const cart = 'cart.shop.svc.cluster.local'

let folder: string
let knot: Knot
let recording: Recording

beforeAll(async () => {
  await ensureTools(['knotd', 'dig'])
  folder = await mkdtemp(join(tmpdir(), 'knot-agent-'))
  const socket = join(folder, 'dnstap.sock')
  knot = await createKnot({ socket })
  recording = new Recording({ socket, queryTimeoutMs: 2_000 })
  await recording.start()
  await knot.start(zone)
}, 300_000)

afterAll(async () => {
  await knot.remove()
  await recording.stop()
  await rm(folder, { recursive: true, force: true })
})

function untilTold(line: string): Promise<unknown> {
  return until(() => recording.told.includes(line), { message: `${line} is recorded, beside ${recording.told.join(', ')}`, timeoutMs: 30_000 })
}

/** Asks until what the server sends is heard again. */
async function untilHeard(from: string): Promise<void> {
  const before = recording.sum('frames')
  await until(async () => {
    await dig(knot.port, { name: cart, from, tries: 1 })
    return recording.sum('frames') > before
  }, { message: 'Knot is heard', timeoutMs: 60_000 })
  expect(await untilTold(`${from}: shop/cart SUCCESS 2`)).toBe(true)
}

describe('Knot tells', () => {
  it('what it answers, what is not there, and what it refuses', async () => {
    await dig(knot.port, { name: cart, from: '127.0.0.81' })
    await dig(knot.port, { name: `_http._tcp.${cart}`, type: 'SRV', from: '127.0.0.82' })
    await dig(knot.port, { name: `nobody.shop.svc.${zone}`, from: '127.0.0.83' })
    await dig(knot.port, { name: `web.shop.svc.${zone}`, from: '127.0.0.84' })
    await dig(knot.port, { name: 'cart.service.consul', from: '127.0.0.85' })
    const lines = [
      '127.0.0.81: shop/cart SUCCESS 2', '127.0.0.82: shop/cart SUCCESS 1', '127.0.0.83: shop/nobody FAILURE -1 NXDOMAIN',
      '127.0.0.84: shop/web EMPTY 0', '127.0.0.85: /cart FAILURE -1 REFUSED',
    ]
    for (const line of lines) await untilTold(line)
    expect(recording.lookups.filter(({ clientInstance = '' }) => clientInstance.startsWith('127.0.0.8'))).toHaveLength(lines.length)
    expect(recording.lookups.find(({ clientInstance }) => clientInstance === '127.0.0.81')?.durationMicros).toBeGreaterThanOrEqual(0)
  })

  it('on, after it or the agent was away', async () => {
    await knot.stop()
    await knot.start(zone)
    await untilHeard('127.0.0.86')
    await recording.stop()
    await recording.start()
    await untilHeard('127.0.0.87')
    expect(recording.faults).toEqual([])
  })
})
