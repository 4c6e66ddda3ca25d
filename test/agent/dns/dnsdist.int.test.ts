import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { dig } from './dns-process.ts'
import { createDnsdist, type Dnsdist } from './dnsdist.ts'
import { createNamed, type Named } from './named.ts'
import { Recording } from './recording.ts'

const zone = 'cluster.local'
const cart = 'cart.shop.svc.cluster.local'

let folder: string
let upstream: Named
let dnsdist: Dnsdist
let recording: Recording

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dnsdist-agent-'))
  const socket = join(folder, 'dnstap.sock')
  upstream = await createNamed()
  dnsdist = await createDnsdist({ socket, upstream: upstream.port })
  recording = new Recording({ socket, queryTimeoutMs: 2_000 })
  await recording.start()
  await upstream.start(zone)
  await dnsdist.start(zone)
})

afterAll(async () => {
  await dnsdist.remove()
  await upstream.remove()
  await recording.stop()
  await rm(folder, { recursive: true, force: true })
})

function untilTold(line: string): Promise<unknown> {
  return until(() => recording.told.includes(line), { message: `${line} is recorded, beside ${recording.told.join(', ')}`, timeoutMs: 30_000 })
}

describe('dnsdist tells', () => {
  it('what the server behind it answers, and what its cache does', async () => {
    for (const from of ['127.0.0.71', '127.0.0.72']) {
      await dig(dnsdist.port, { name: cart, from })
      expect(await untilTold(`${from}: shop/cart SUCCESS 2`)).toBe(true)
    }
    const [first, second] = recording.lookups
    expect(first?.durationMicros).toBeGreaterThan(0)
    expect(second?.durationMicros).toBeGreaterThanOrEqual(0)
  })

  it('what is not there', async () => {
    await dig(dnsdist.port, { name: `nobody.shop.svc.${zone}`, from: '127.0.0.73' })
    expect(await untilTold('127.0.0.73: shop/nobody FAILURE -1 NXDOMAIN')).toBe(true)
  })
})
