import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { dig, nsupdate } from './dns-process.ts'
import { createNamed, type Named } from './named.ts'
import { Recording } from './recording.ts'
import { controlFrame, dataFrame, dns, tap, types } from './wire.ts'

const cart = 'cart.shop.svc.cluster.local'
const zone = 'cluster.local'

let named: Named
let recording: Recording

beforeAll(async () => {
  named = await createNamed()
  recording = new Recording({ socket: named.socket, queryTimeoutMs: 2_000 })
  await recording.start()
  await named.start(zone)
  await untilConnected(recording)
})

afterAll(async () => {
  await named.remove()
  await recording.stop()
})

/** BIND sends its first frames once it has connected; what was asked before that is not told. */
async function untilConnected(agent: Recording): Promise<void> {
  await until(async () => {
    await dig(named.port, { name: zone, type: 'SOA', tries: 1 })
    return agent.sum('frames') > 0
  }, { message: 'BIND sends dnstap', timeoutMs: 30_000 })
}

function untilTold(agent: Recording, line: string): Promise<unknown> {
  return until(() => agent.told.includes(line), { message: `${line} is recorded, beside ${agent.told.join(', ')}`, timeoutMs: 30_000 })
}

function untilRegistered(line: string): Promise<unknown> {
  return until(() => recording.registered.includes(line), { message: `${line} is recorded`, timeoutMs: 30_000 })
}

async function sender(): Promise<Socket> {
  const socket = connect({ path: named.socket })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

describe('BIND tells', () => {
  it('what was found, for whom, and how long it took', async () => {
    await dig(named.port, { name: cart, from: '127.0.0.21' })
    expect(await untilTold(recording, '127.0.0.21: shop/cart SUCCESS 2')).toBe(true)
    const lookup = recording.lookups.find(({ clientInstance }) => clientInstance === '127.0.0.21')
    expect(lookup?.durationMicros).toBeGreaterThanOrEqual(0)
    expect(Math.abs((lookup?.occurredAt ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  it('what was not: no such name, and no such record of it', async () => {
    await dig(named.port, { name: `nobody.shop.svc.${zone}`, from: '127.0.0.22' })
    await dig(named.port, { name: `web.shop.svc.${zone}`, from: '127.0.0.22' })
    expect(await untilTold(recording, '127.0.0.22: shop/nobody FAILURE -1 NXDOMAIN')).toBe(true)
    expect(await untilTold(recording, '127.0.0.22: shop/web EMPTY 0')).toBe(true)
  })

  it('an SRV look-up by its service', async () => {
    await dig(named.port, { name: `_http._tcp.${cart}`, type: 'SRV', from: '127.0.0.23' })
    expect(await untilTold(recording, '127.0.0.23: shop/cart SUCCESS 1')).toBe(true)
  })

  it('A and AAAA of one name as one look-up', async () => {
    const before = recording.count('lookups', 'twin')
    await dig(named.port, { name: cart, from: '127.0.0.24', flags: [cart, 'AAAA'] })
    expect(await untilTold(recording, '127.0.0.24: shop/cart SUCCESS 2')).toBe(true)
    expect(recording.told.filter(line => line.startsWith('127.0.0.24'))).toHaveLength(1)
    expect(recording.count('lookups', 'twin')).toBe(before + 1)
  })

  it('a search through domains as the look-up of what it found', async () => {
    for (const name of [`cart.shop.web.svc.${zone}`, cart]) await dig(named.port, { name, from: '127.0.0.26', flags: [name, 'AAAA'] })
    expect(await untilTold(recording, '127.0.0.26: shop/cart SUCCESS 2')).toBe(true)
    await dig(named.port, { name: cart, from: '127.0.0.27' })
    expect(await untilTold(recording, '127.0.0.27: shop/cart SUCCESS 2')).toBe(true)
    expect(recording.told.filter(line => line.startsWith('127.0.0.26'))).toEqual(['127.0.0.26: shop/cart SUCCESS 2'])
  })

  it('a look-up over TCP as any other', async () => {
    await dig(named.port, { name: cart, from: '127.0.0.25', flags: ['+tcp'] })
    expect(await untilTold(recording, '127.0.0.25: shop/cart SUCCESS 2')).toBe(true)
  })
})

describe('updates', () => {
  const pay = `pay.shop.svc.${zone}`

  it('register a service, whose address is then known as a client', async () => {
    expect(await nsupdate(named.port, zone, { lines: [`update add ${pay} 5 A 127.0.0.31`] })).toBe(true)
    expect(await untilRegistered('REGISTER shop/pay 127.0.0.31 SUCCESS')).toBe(true)
    await dig(named.port, { name: cart, from: '127.0.0.31' })
    expect(await untilTold(recording, 'shop/pay: shop/cart SUCCESS 2')).toBe(true)
  })

  it('that are refused have failed', async () => {
    expect(await nsupdate(named.port, zone, { from: '127.0.0.32', lines: [`update add ${pay} 5 A 127.0.0.32`] })).toBe(false)
    expect(await untilRegistered('REGISTER shop/pay 127.0.0.32 FAILURE REFUSED')).toBe(true)
    expect(recording.registrations.at(-1)).toMatchObject({ errorCategory: 'UNAUTHORIZED' })
  })

  it('whose condition does not hold have failed', async () => {
    const lines = [`prereq nxdomain ${pay}`, `update add ${pay} 5 A 127.0.0.33`]
    expect(await nsupdate(named.port, zone, { lines })).toBe(false)
    expect(await untilRegistered('REGISTER shop/pay 127.0.0.33 FAILURE YXDOMAIN')).toBe(true)
  })

  it('deregister what is deleted, one by one or by name', async () => {
    expect(await nsupdate(named.port, zone, { lines: [`update add ${pay} 5 A 127.0.0.34`, `update delete ${pay} 5 A 127.0.0.31`] })).toBe(true)
    expect(await untilRegistered('DEREGISTER shop/pay 127.0.0.31 SUCCESS')).toBe(true)
    expect(await nsupdate(named.port, zone, { lines: [`update delete ${pay}`] })).toBe(true)
    expect(await untilRegistered('DEREGISTER shop/pay 127.0.0.34 SUCCESS')).toBe(true)
  })
})

describe('a sender that breaks the protocol', () => {
  it('is let go, and BIND is heard as before', async () => {
    const rubbish = await sender()
    rubbish.write(Buffer.alloc(64, 0xff))
    await once(rubbish, 'close')
    expect(recording.faults).toContain('frame_too_large')
    await dig(named.port, { name: cart, from: '127.0.0.41' })
    expect(await untilTold(recording, '127.0.0.41: shop/cart SUCCESS 2')).toBe(true)
  })

  it('only in what its frames hold is heard on: each such frame is counted', async () => {
    const bytes = await sender()
    const broken = [Buffer.from('rubbish'), tap({ type: 5, query: Buffer.from('rubbish') }), tap({ type: 6 }), tap({ type: 3, query: dns({}) })]
    const query = dns({ questions: [{ name: `late.shop.svc.${zone}`, type: types.A }] })
    bytes.write(Buffer.concat([controlFrame('START'), ...broken.map(dataFrame), dataFrame(tap({ type: 5, query })), controlFrame('STOP', [])]))
    expect(await untilTold(recording, '127.0.0.2: shop/late FAILURE -1 TIMEOUT')).toBe(true)
    expect(recording.count('frames', 'malformed_dns')).toBe(1)
    expect(recording.count('frames', 'malformed_dnstap')).toBe(2)
    expect(recording.count('frames', 'other_message_type')).toBe(1)
    bytes.destroy()
  })
})

describe('the socket', () => {
  it('may be written to by those alone to whom it is opened', async () => {
    expect((await stat(named.socket)).mode & 0o777).toBe(0o600)
  })

  it('is not taken from an agent that listens on it', async () => {
    const second = new Recording({ socket: named.socket })
    await expect(second.start()).rejects.toMatchObject({ code: 'SOCKET_IN_USE' })
  })
})

describe('restarts', () => {
  it('of the agent: BIND comes back by itself', async () => {
    await recording.stop()
    recording = new Recording({ socket: named.socket, queryTimeoutMs: 2_000 })
    await recording.start()
    await untilConnected(recording)
    await dig(named.port, { name: cart, from: '127.0.0.51' })
    expect(await untilTold(recording, '127.0.0.51: shop/cart SUCCESS 2')).toBe(true)
  })

  it('of BIND, by force too', async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await named.stop(signal)
      const before = recording.sum('frames')
      await named.start(zone)
      await until(async () => {
        await dig(named.port, { name: zone, type: 'SOA', tries: 1 })
        return recording.sum('frames') > before
      }, { message: 'BIND is back', timeoutMs: 30_000 })
    }
    await dig(named.port, { name: cart, from: '127.0.0.52' })
    expect(await untilTold(recording, '127.0.0.52: shop/cart SUCCESS 2')).toBe(true)
  })

  it('of both, the server first', async () => {
    await recording.stop()
    await named.stop()
    await named.start(zone)
    recording = new Recording({ socket: named.socket, queryTimeoutMs: 2_000 })
    await recording.start()
    await untilConnected(recording)
    await dig(named.port, { name: cart, from: '127.0.0.53' })
    expect(await untilTold(recording, '127.0.0.53: shop/cart SUCCESS 2')).toBe(true)
  })
})
