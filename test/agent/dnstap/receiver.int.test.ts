import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DnstapAddress } from '../../../src/agent/dnstap/listening.ts'
import { DnstapReceiver } from '../../../src/agent/dnstap/receiver.ts'
import { until } from '../../support/until.ts'
import { controlFrame, dataFrame } from '../dns/wire.ts'

let folder: string
let receiver: DnstapReceiver | undefined
let told: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dnstap-'))
  told = []
})

afterEach(async () => {
  await receiver?.close()
  receiver = undefined
  await rm(folder, { recursive: true, force: true })
})

async function listening(addresses: DnstapAddress[], handshakeMs = 10_000): Promise<DnstapReceiver> {
  receiver = new DnstapReceiver({ addresses, maxFrameBytes: 1_000, maxConnections: 2, handshakeMs }, {
    frame: payload => told.push(payload.toString()),
    connection: what => told.push(what),
    fault: ({ code }) => told.push(code),
  })
  await receiver.listen()
  return receiver
}

const tcp: DnstapAddress = { host: '127.0.0.1', port: 0 }

async function sender(to: { port: number } | { path: string }): Promise<Socket> {
  const socket = connect('port' in to ? { ...to, host: '127.0.0.1' } : to)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

function portOf({ ports }: DnstapReceiver): { port: number } {
  return { port: ports[0] ?? 0 }
}

function untilTold(...lines: string[]): Promise<unknown> {
  return until(() => lines.every(line => told.includes(line)), { message: lines.join(', ') })
}

describe('a receiver', () => {
  it('hears several senders, over TCP and a Unix socket, and shakes hands with those that ask', async () => {
    const path = join(folder, 'dnstap.sock')
    const taken = await listening([tcp, { path, mode: 0o620 }])
    const [one, two] = [await sender(portOf(taken)), await sender({ path })]
    one.write(Buffer.concat([controlFrame('START'), dataFrame(Buffer.from('by TCP'))]))
    two.write(controlFrame('READY'))
    expect(await once(two, 'data')).toEqual([controlFrame('ACCEPT')])
    two.write(Buffer.concat([controlFrame('START'), dataFrame(Buffer.from('by socket')), controlFrame('STOP', [])]))
    expect(await once(two, 'data')).toEqual([controlFrame('FINISH', [])])
    expect(await untilTold('by TCP', 'by socket')).toBe(true)
    expect((await stat(path)).mode & 0o777).toBe(0o620)
    one.destroy()
  })

  it('refuses one connection too many, and takes it once there is room', async () => {
    const to = portOf(await listening([tcp]))
    const [one] = [await sender(to), await sender(to)]
    expect(await untilTold('opened')).toBe(true)
    const third = await sender(to)
    await once(third, 'close')
    expect(told).toEqual(['opened', 'opened', 'refused'])
    one.destroy()
    expect(await untilTold('closed')).toBe(true)
    const fourth = await sender(to)
    fourth.write(Buffer.concat([controlFrame('START'), dataFrame(Buffer.from('at last'))]))
    expect(await untilTold('at last')).toBe(true)
  })

  it('lets a sender go that says nothing, and keeps one that has begun', async () => {
    const to = portOf(await listening([tcp], 2_000))
    const begun = await sender(to)
    begun.write(controlFrame('START'))
    const silent = await sender(to)
    await once(silent, 'close')
    expect(await untilTold('closed')).toBe(true)
    expect(told).toEqual(['opened', 'opened', 'handshake_timeout', 'closed'])
    begun.write(dataFrame(Buffer.from('still here')))
    expect(await untilTold('still here')).toBe(true)
  })

  it('takes over the socket that a killed process left behind', async () => {
    const path = join(folder, 'dnstap.sock')
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('listening'))`
    const dead = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(dead.stdout, 'data')
    dead.kill('SIGKILL')
    await once(dead, 'exit')
    expect((await stat(path)).isSocket()).toBe(true)
    await listening([{ path, mode: 0o600 }])
    const socket = await sender({ path })
    socket.write(Buffer.concat([controlFrame('START'), dataFrame(Buffer.from('taken over'))]))
    expect(await untilTold('taken over')).toBe(true)
  })

  it('leaves alone what is no socket, and says where it cannot listen', async () => {
    const file = join(folder, 'file')
    await writeFile(file, 'mine')
    await expect(listening([tcp, { path: file, mode: 0o600 }])).rejects.toMatchObject({ code: 'NOT_A_SOCKET' })
    await expect(listening([{ path: join(folder, 'none', 'dnstap.sock'), mode: 0o600 }])).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
  })
})
