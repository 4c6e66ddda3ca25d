import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../broker/ports.ts'
import { parseExposition } from '../../demo/exposition.ts'
import type { Graph } from '../../src/views/formats/json.ts'
import { CommandProcess, startReplicas, stopReplicas, type Replica } from '../support/replicas.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'

const { brokers } = sharedBroker()
const topicPrefix = uniquePrefix()
const kafka = [`--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${topicPrefix}`]
const mainFile = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
let replicas: Replica[] = []

beforeAll(async () => {
  replicas = await startReplicas(1, { brokers, topicPrefix })
})

afterAll(() => stopReplicas(replicas))

const lookup = (client: string, service: string, more: object = {}): string =>
  JSON.stringify({ kind: 'lookup', clientNamespace: 'shop', client, namespace: 'shop', service, outcome: 'SUCCESS', ...more })
const registered = (service: string, instance: string): string =>
  JSON.stringify({ kind: 'registration', namespace: 'shop', service, instance, operation: 'REGISTER', outcome: 'SUCCESS', status: 'PASSING' })

/** What a shell sees of `… | discovery-metrics agent ingest`. */
async function piped(lines: readonly string[], flags: readonly string[] = []): Promise<{ code: number | null; errors: string }> {
  const child = spawn(process.execPath, [mainFile, 'agent', 'ingest', '--log.level=error', ...kafka, ...flags], { stdio: ['pipe', 'ignore', 'pipe'] })
  const errors = text(child.stderr)
  child.stdin.on('error', () => undefined) // it may have ended without reading
  child.stdin.end(lines.join('\n'))
  const [code] = (await once(child, 'exit')) as [number | null]
  return { code, errors: await errors }
}

async function edges(): Promise<Record<string, [lookups: number, failures: number]>> {
  const graph = (await replicas[0]?.json('/api/v1/graph')) as Graph
  return Object.fromEntries(graph.edges.map(edge => [`${edge.client} -> ${edge.service}`, [edge.lookups, edge.failures]]))
}

async function counted(name: string, labels: Record<string, string>): Promise<number> {
  const samples = (await replicas[0]?.scrape()) ?? []
  return samples.filter(sample => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

const untilEdge = (edge: string, told: readonly number[]): Promise<boolean> =>
  until(async () => JSON.stringify((await edges())[edge]) === JSON.stringify(told), { message: `${edge} is in the map`, timeoutMs: 30_000 })

describe('lines on standard input', () => {
  it('are in the map when the pipe has ended, and the command ends well', async () => {
    const failure = { outcome: 'FAILURE', errorCategory: 'TIMEOUT', errorCode: 'ETIMEDOUT' }
    expect(await piped([registered('cart', '10.0.0.1:80'), lookup('web', 'cart', { weight: 3 }), lookup('web', 'cart', failure)])).toEqual({ code: 0, errors: '' })
    await untilEdge('web -> cart', [4, 1])
    await until(async () => (await counted('discovery_instances', { service: 'cart', status: 'passing' })) === 1, { message: 'the instance is known' })
    expect(await counted('discovery_lookup_errors_total', { service: 'cart', category: 'timeout', code: 'ETIMEDOUT' })).toBe(1)
  })

  it('that are no events are told by their number, and the others are taken', async () => {
    const { code, errors } = await piped([lookup('web', 'pay'), lookup('web', 'pay', { outcome: 'OK' }), 'rubbish'])
    expect(code).toBe(1)
    expect(errors.trim().split('\n')).toEqual([
      "line 2: outcome must be one of UNKNOWN, SUCCESS, EMPTY, FAILURE, not 'OK'", "line 3: must be a JSON object, not 'rubbish'",
    ])
    await untilEdge('web -> pay', [1, 0])
  })

  it('are all taken, however many more they are than the queue holds', async () => {
    const lines = Array.from({ length: 5_000 }, () => lookup('batch', 'stock'))
    expect(await piped(lines, ['--agent.queue-limit=700'])).toEqual({ code: 0, errors: '' })
    await untilEdge('batch -> stock', [5_000, 0])
  })

  it('that cannot be read are said to be missing, by the exit code too', async () => {
    const unreadable = await open('/proc/self/mem') // nothing is mapped where it begins
    const child = spawn(process.execPath, [mainFile, 'agent', 'ingest', '--log.level=error', ...kafka], { stdio: [unreadable.fd, 'ignore', 'pipe'] })
    const errors = text(child.stderr as Readable)
    expect([(await once(child, 'exit'))[0], await errors]).toEqual([1, expect.stringContaining('standard input cannot be read any further')])
    await unreadable.close()
  })

  it('do not hold up a check of the configuration', async () => {
    expect((await piped([], ['--check-config'])).code).toBe(0)
    const { code, errors } = await piped([], ['--check-config', '--ingest.max-line-bytes=1'])
    expect([code, errors.includes('--ingest.max-line-bytes')]).toEqual([2, true])
  })
})

describe('lines by HTTP', () => {
  let agent: CommandProcess
  let intake: string
  let own: string

  beforeAll(async () => {
    const [port, ownPort] = [await freePort(), await freePort()]
    intake = `http://127.0.0.1:${port}/v1/events`
    own = `http://127.0.0.1:${ownPort}`
    agent = new CommandProcess([
      'agent', 'ingest', ...kafka, `--ingest.listen-address=127.0.0.1:${port}`, `--web.listen-address=127.0.0.1:${ownPort}`,
    ])
    await until(async () => (await fetch(`${own}/-/healthy`)).ok, { message: 'the agent is healthy', timeoutMs: 30_000 })
  })

  afterAll(() => agent.signal('SIGKILL'))

  async function post(...lines: string[]): Promise<{ status: number; body: unknown }> {
    const response = await fetch(intake, { method: 'POST', headers: { 'Content-Type': 'application/x-ndjson' }, body: lines.join('\n') })
    return { status: response.status, body: await response.json() }
  }

  async function ownValue(name: string, result: string): Promise<number | undefined> {
    const { samples } = parseExposition(await (await fetch(`${own}/metrics`)).text())
    return samples.find(sample => sample.name === name && sample.labels['result'] === result)?.value
  }

  it('are in the map; what is no event is told, and what is sent is accounted for', async () => {
    expect(await post(lookup('app', 'cart'), lookup('app', 'cart'))).toEqual({ status: 202, body: { accepted: 2, rejected: 0, faults: [] } })
    expect(await post(lookup('app', 'cart'), '{"kind":"lookup"}')).toMatchObject({ status: 207, body: { accepted: 1, faults: [{ line: 2 }, { line: 2 }] } })
    expect((await post('rubbish')).status).toBe(400)
    await untilEdge('app -> cart', [3, 0])
    await until(async () => (await ownValue('discovery_agent_own_events_total', 'sent')) === 3, { message: 'all that is recorded is acknowledged' })
    const lines = await Promise.all(['accepted', 'faulty'].map(result => ownValue('discovery_agent_ingest_lines_total', result)))
    const requests = ['accepted', 'partly', 'refused', 'busy'].map(result => ownValue('discovery_agent_ingest_requests_total', result))
    expect([lines, await Promise.all(requests)]).toEqual([[3, 2], [1, 1, 1, 0]])
  })

  it('that were taken are sent before an agent that is told to stop ends', async () => {
    expect((await post(lookup('app', 'last'))).status).toBe(202)
    agent.signal('SIGTERM')
    expect(await agent.end).toBe(0)
    await untilEdge('app -> last', [1, 0])
  })
})
