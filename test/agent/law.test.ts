import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDiscoveryAgent, type DiscoveryAgent } from '../../src/agent/agent.ts'
import { dropReasons } from '../../src/agent/counters.ts'
import type { AgentReport } from '../../src/contract/events.ts'
import { passed } from './fake-time.ts'
import { FakeKafka, kafkaError, type Broker } from './fake-kafka.ts'

const answers = [
  'takes', 'loses the answer', 'takes the first topic', 'is away', 'refuses', 'finds it too large', 'hangs', 'is slow',
] as const
type Answer = (typeof answers)[number]
type Step =
  | { do: 'look up'; service: string; weight: number }
  | { do: 'register'; service: string }
  | { do: 'wait'; ms: number }
  | { do: 'flush' }
  | { do: 'close'; deadlineMs: number }

const service = fc.constantFrom('cart', 'stock', 'users', '', 'x'.repeat(300))
const weight = fc.constantFrom(1, 1, 7, 10_000, 0, -1, 1.5, 10_001)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('look up' as const), service, weight }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('register' as const), service }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), deadlineMs: fc.integer({ min: 0, max: 500 }) }) },
)
const run = fc.record({
  steps: fc.array(step, { maxLength: 40 }),
  answers: fc.array(fc.constantFrom(...answers), { maxLength: 30 }),
  queueLimit: fc.integer({ min: 1, max: 12 }),
  batchSize: fc.integer({ min: 1, max: 8 }),
  downFor: fc.integer({ min: 0, max: 4 }),
})

beforeEach(() => {
  vi.useFakeTimers({ now: 1_790_000_000_000 })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('whatever Kafka does', () => {
  it('recorded = sent + drops + queued, and the log holds what was sent, in order, once repetitions are left out', async () => {
    await fc.assert(fc.asyncProperty(run, async ({ steps, answers: script, downFor, ...limits }) => {
      const kafka = new FakeKafka()
      kafka.broker = scripted(script)
      let failures = downFor
      kafka.connecting = () => failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve()
      const agent = createDiscoveryAgent({ kafka, service: 'me', reportIntervalMs: 0, lingerMs: 20, ...limits })
      let recorded = 0
      for (const next of steps) {
        recorded += await taken(next, agent)
        expect(agent.report().recorded).toBe(recorded)
        expect(queued(agent.report())).toBeGreaterThanOrEqual(0)
        expect(queued(agent.report())).toBeLessThanOrEqual(limits.queueLimit * 10_000)
      }
      await passed(agent.close(60_000))
      expect(queued(agent.report())).toBe(0)
      expectLogToAgree(kafka, agent.report())
    }), { numRuns: 300 })
  })
})

/** Does a step and says how many units it records. */
async function taken(next: Step, agent: DiscoveryAgent): Promise<number> {
  switch (next.do) {
    case 'look up':
      agent.recordLookup({ service: next.service, weight: next.weight })
      return Number.isInteger(next.weight) && next.weight >= 0 && next.weight <= 10_000 ? next.weight : 1
    case 'register':
      agent.recordRegistration({ operation: 'RENEW', service: next.service })
      return 1
    case 'wait':
      await vi.advanceTimersByTimeAsync(next.ms)
      break
    case 'flush':
      void agent.flush()
      break
    case 'close':
      await passed(agent.close(next.deadlineMs))
      break
  }
  return 0
}

const retriable = (): Promise<never> => Promise.reject(kafkaError({ retriable: true }))

/** A broker that does as the script says, and then takes all. */
function scripted(script: readonly Answer[]): Broker {
  const rest = script.values()
  return async (batch, take) => {
    const next = rest.next()
    const answer = next.done === true ? 'takes' : next.value
    if (answer === 'is away') return retriable()
    if (answer === 'refuses') return Promise.reject(kafkaError({ retriable: false }))
    if (answer === 'finds it too large') return Promise.reject(kafkaError({ retriable: false, type: 'MESSAGE_TOO_LARGE' }))
    if (answer === 'hangs') {
      await new Promise(resolve => setTimeout(resolve, 30_000))
      return retriable()
    }
    if (answer === 'takes the first topic') {
      take({ topicMessages: (batch.topicMessages ?? []).slice(0, 1) })
      return retriable()
    }
    if (answer === 'is slow') await new Promise(resolve => setTimeout(resolve, 700))
    take()
    return answer === 'loses the answer' ? retriable() : undefined
  }
}

function expectLogToAgree(kafka: FakeKafka, report: AgentReport): void {
  const lookups = firsts(kafka.lookups)
  const units = lookups.reduce((sum, lookup) => sum + lookup.weight, 0) + firsts(kafka.registrations).length
  expect(units).toBeGreaterThanOrEqual(report.sent)
  // What was given up while in doubt may have been taken.
  expect(units).toBeLessThanOrEqual(report.sent + report.droppedSend + report.droppedTooLarge + report.droppedShutdown)
  expect(kafka.mostUnderWay).toBeLessThanOrEqual(1)
  for (const events of [kafka.lookups, kafka.registrations]) {
    const sequences = events.map(({ sequence }) => sequence)
    const counted = firsts(sequences.map(sequence => ({ sequence }))).map(({ sequence }) => sequence)
    expect(counted).toEqual([...new Set(sequences)].toSorted((a, b) => a - b))
  }
}

/** What a reader counts: a sequence not above the last one is a repetition. */
function firsts<E extends { sequence: number }>(events: readonly E[]): E[] {
  let last = 0
  return events.filter(({ sequence }) => {
    const isNew = sequence > last
    last = Math.max(last, sequence)
    return isNew
  })
}

function queued(report: AgentReport): number {
  return dropReasons.reduce((rest, reason) => rest - report[reason], report.recorded - report.sent)
}

