import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDiscoveryAgent, type DiscoveryAgent } from '../../../src/agent/agent.ts'
import { until } from '../../support/until.ts'
import { FakeKafka } from '../fake-kafka.ts'
import { dig } from './dns-process.ts'
import { flood } from './flood.ts'
import { createNamed } from './named.ts'
import { Recording } from './recording.ts'
import { a, controlFrame, dataFrame, dns, tap, types } from './wire.ts'

const cart = 'cart.shop.svc.cluster.local'
const RATE = 10_000
const QUERIES = 30_000

/** An agent that publishes to a Kafka which takes a fifth of a second for each send, and keeps `queueLimit` events meanwhile. */
function slowly(queueLimit: number): { agent: DiscoveryAgent; kafka: FakeKafka } {
  const kafka = new FakeKafka()
  kafka.broker = async (_, take) => {
    await delay(200)
    take()
  }
  return { kafka, agent: createDiscoveryAgent({ kafka, service: 'discovery-dns-agent', kind: 'dns', queueLimit, reportIntervalMs: 0 }) }
}

/** A flood may be over before its last look-ups are told. */
function untilTold(recording: Recording): Promise<unknown> {
  return until(() => recording.waitingQueries === 0 && recording.sum('endings') === recording.sum('lookups'), {
    message: 'all that was asked is told', timeoutMs: 30_000,
  })
}

describe('a flood of 10,000 queries a second', () => {
  it('through BIND and a slow Kafka is recorded to the last, and sent or counted as dropped', async () => {
    const named = await createNamed()
    const { agent, kafka } = slowly(50)
    const recording = new Recording({ socket: named.socket, agent })
    onTestFinished(async () => {
      await named.remove()
      await recording.stop()
      await agent.close()
    })
    await recording.start()
    await named.start('cluster.local')
    await until(async () => {
      await dig(named.port, { name: 'cluster.local', type: 'SOA', tries: 1 })
      return recording.sum('frames') > 0
    }, { message: 'BIND sends dnstap', timeoutMs: 30_000 })
    await flood({ port: named.port, name: cart, clients: ['127.0.0.71', '127.0.0.72'], queries: QUERIES, perSecond: RATE })
    let told = -1
    await until(() => told === (told = recording.count('frames', 'response')) && told > 0, {
      message: 'BIND tells no more', intervalMs: 2_000, timeoutMs: 30_000, // it hands over what it has once a second
    })
    await untilTold(recording)
    await recording.stop()
    await agent.flush()
    const report = agent.report()
    // What the kernel or BIND leave out under such a load, nobody tells us.
    expect(recording.count('frames', 'query')).toBeLessThanOrEqual(QUERIES)
    expect(recording.lookups).toHaveLength(recording.sum('endings'))
    expect(recording.count('answers', 'paired') + recording.count('questions', 'paired')).toBe(recording.count('endings', 'paired'))
    expect(report.recorded).toBe(recording.lookups.length)
    expect(report.droppedQueueFull).toBeGreaterThan(0)
    expect(report.sent + report.droppedQueueFull).toBe(report.recorded)
    expect(kafka.lookups.reduce((sum, { weight }) => sum + weight, 0)).toBe(report.sent)
  })

  it('of which many are not answered is told up to the pairing table’s limit, and counted beyond it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flood-'))
    const recording = new Recording({ socket: join(folder, 'dnstap.sock'), queryTimeoutMs: 2_000, pairingLimit: 2_000 })
    onTestFinished(async () => {
      await recording.stop()
      await rm(folder, { recursive: true, force: true })
    })
    await recording.start()
    await sendFlood(join(folder, 'dnstap.sock'))
    await until(() => recording.sum('frames') === QUERIES + (QUERIES * 2) / 3, { message: 'all frames have come', timeoutMs: 30_000 })
    await untilTold(recording)
    await recording.stop()
    const overflow = recording.count('questions', 'overflow')
    expect(overflow).toBeGreaterThan(0)
    expect(recording.count('questions', 'waits') + overflow).toBe(QUERIES)
    expect(recording.count('endings', 'paired') + recording.count('endings', 'unasked')).toBe((QUERIES * 2) / 3)
    expect(recording.lookups.length + overflow - recording.count('endings', 'unasked')).toBe(QUERIES)
  })
})

/** Sends queries over one connection, two in three with their response after them. */
async function sendFlood(path: string): Promise<void> {
  const socket = connect({ path })
  await once(socket, 'connect')
  socket.write(controlFrame('START'))
  const start = performance.now()
  for (let sent = 0; sent < QUERIES;) {
    const due = Math.min(QUERIES, Math.ceil(((performance.now() - start) / 1_000) * RATE))
    const frames: Buffer[] = []
    for (; sent < due; sent++) frames.push(...framesOf(sent))
    if (!socket.write(Buffer.concat(frames))) await once(socket, 'drain')
    await delay(1)
  }
  socket.end(controlFrame('STOP', []))
}

function framesOf(index: number): Buffer[] {
  const [port, id, questions] = [1_024 + Math.floor(index / 1_000), index % 1_000, [{ name: cart, type: types.A }]]
  const query = dataFrame(tap({ type: 5, port, queryTime: Date.now(), query: dns({ id, questions }) }))
  if (index % 3 === 0) return [query]
  const response = dns({ id, questions, response: true, answers: [a(cart, '10.0.0.1')] })
  return [query, dataFrame(tap({ type: 6, port, responseTime: Date.now(), response }))]
}
