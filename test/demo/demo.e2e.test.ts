import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../../broker/ports.ts'
import { familiesWithSamples, parseExposition, type Exposition } from '../../demo/exposition.ts'
import { families } from '../../src/core/families.ts'
import { sharedBroker } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'

const mainFile = fileURLToPath(new URL('../../demo/main.ts', import.meta.url))

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

interface Running {
  ended: Promise<Ended>
  interrupt: () => void
}

const running = new Set<Running>()

afterEach(async () => {
  for (const demo of running) demo.interrupt()
  await Promise.all([...running].map(({ ended }) => ended))
})

function startDemo(...flags: string[]): Running {
  const env = { ...process.env, BROKER: 'external', KAFKA_BROKERS: sharedBroker().brokers.join(',') }
  const child = spawn(process.execPath, [mainFile, ...flags], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = Promise.all([once(child, 'exit') as Promise<[number | null]>, text(child.stdout), text(child.stderr)])
  const ended = output.then(([[code], stdout, stderr]) => ({ code, stdout, stderr }))
  const demo = { ended: ended.finally(() => running.delete(demo)), interrupt: () => void child.kill('SIGINT') }
  running.add(demo)
  return demo
}

/** Waits while the demo runs; rejects with what it said if it ends first. */
async function during(demo: Running, wait: Promise<unknown>): Promise<void> {
  const early = demo.ended.then(({ stderr }): never => {
    throw new Error(`the demo ended too early and said: ${stderr}`)
  })
  await Promise.race([wait, early])
  early.catch(() => undefined)
}

async function scrape(ports: readonly number[]): Promise<Exposition[]> {
  return Promise.all(ports.map(async port => parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())))
}

/** The sum of a family's samples over all pages. */
function sumOf(pages: readonly Exposition[], family: string): number {
  return pages.flatMap(({ samples }) => samples).reduce((sum, { name, value }) => sum + (name === family ? value : 0), 0)
}

function summaryOf({ stdout }: Ended): unknown {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}

async function topicsNow(): Promise<string[]> {
  const admin = new Kafka({ brokers: sharedBroker().brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    return await admin.listTopics()
  } finally {
    await admin.disconnect()
  }
}

describe('the demo', () => {
  it('counts what it recorded, shows every family meanwhile, and leaves no topic behind', async () => {
    const ports = [await freePort(), await freePort()]
    const demo = startDemo('--duration', '20s', '--ports', ports.join(','))
    const wanted = new Set(families.map(({ name }) => name))
    await during(demo, until(async () => {
      const pages = await scrape(ports)
      const shown = new Set(pages.flatMap(page => [...familiesWithSamples(page)]))
      const missing = [...wanted].filter(name => !shown.has(name))
      if (missing.length > 0) throw new Error(`no sample of ${missing.join(', ')}`)
      return sumOf(pages, 'discovery_lease_expirations_total') > 0
    }, { timeoutMs: 90_000, intervalMs: 500, message: 'every family in a scrape, and a lease that ran out' }))
    const ended = await demo.ended
    expect(ended).toMatchObject({ code: 0 })
    const summary = summaryOf(ended)
    expect(summary).toMatchObject({ differences: 0, recorded: expect.any(Number) as number })
    const { recorded, counted } = summary as { recorded: number; counted: number }
    expect(recorded).toBeGreaterThan(4_000)
    expect(counted).toBe(recorded)
    const [prefix] = /demo-[0-9a-f]+\./.exec(ended.stderr) ?? []
    expect(prefix).toBeDefined()
    expect((await topicsNow()).filter(topic => topic.startsWith(prefix ?? ''))).toEqual([])
  })

  it('ends by Ctrl-C with the same account', async () => {
    const ports = [await freePort(), await freePort()]
    const demo = startDemo('--ports', ports.join(','))
    const counts = async (): Promise<boolean> => sumOf(await scrape(ports), 'discovery_lookups_total') > 100
    await during(demo, until(counts, { timeoutMs: 60_000, message: 'a hundred look-ups counted' }))
    demo.interrupt()
    const ended = await demo.ended
    expect(ended).toMatchObject({ code: 0 })
    expect(summaryOf(ended)).toMatchObject({ differences: 0 })
  })

  it('says which flag helps where a port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const ended = await startDemo('--duration', '1s', '--ports', `${port},${await freePort()}`).ended
    server.close()
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain(`port ${port} cannot be had`)
    expect(ended.stderr).toContain('--ports')
  })
})
