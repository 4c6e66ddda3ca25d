import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rmdir } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from '../../broker/broker.ts'
import { findBroker } from '../../broker/find.ts'
import { until } from '../support/until.ts'
import { itStandsFaults } from './faults.ts'
import { Messages } from './messages.ts'

const env = { ...process.env, BROKER: 'java' }

describe('the broker as a Java process', () => {
  let broker: Broker
  let messages: Messages

  beforeAll(async () => {
    broker = await findBroker({ env })
    messages = new Messages(broker.brokers)
    await messages.createTopic()
  })

  afterAll(async () => {
    await broker.stop()
  })

  itStandsFaults(() => ({ broker, messages }))
})

describe('a process that has a Java broker and dies without a chance to stop it', () => {
  it('leaves neither the broker nor its folder behind', async () => {
    const TMPDIR = await mkdtemp(join(tmpdir(), 'discovery-metrics-owner-'))
    const owner = spawn(process.execPath, ['broker/main.ts'], { env: { ...env, TMPDIR }, stdio: ['ignore', 'pipe', 'inherit'] })
    const lines: string[] = await once(createInterface({ input: owner.stdout }), 'line')
    const port = Number(lines[0]?.split(':').at(-1))
    expect(await answers(port)).toBe(true)
    expect(await readdir(TMPDIR)).toHaveLength(1)

    owner.kill('SIGKILL')

    await until(async () => !(await answers(port)), { message: 'the broker dies with its owner' })
    await until(async () => (await readdir(TMPDIR)).length === 0, { message: 'its folder goes too' })
    await rmdir(TMPDIR)
  })
})

async function answers(port: number): Promise<boolean> {
  const socket = createConnection({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
