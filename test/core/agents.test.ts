import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyState, type ShardState } from '../../src/core/state.ts'
import { foldAll, lookup, moveOn, rejection, report, samplesIn, type Told } from './story.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
type Any = Pick<Told, 'into'>
const recorded = (state: ShardState) => samplesIn(state, 'agent_events_recorded_total')
const dropped = (state: ShardState) => samplesIn(state, 'agent_events_dropped_total')
const agents = (state: ShardState) => samplesIn(state, 'agents')
const sum = (samples: Record<string, number>) => Object.values(samples).reduce((total, count) => total + count, 0)

function accounted(state: ShardState): number {
  const received = samplesIn(state, 'agent_events_received_total')
  return sum(received) + sum(dropped(state)) + sum(samplesIn(state, 'agent_events_rejected_total'))
}

describe('what an agent reports', () => {
  it('is cumulative: what came since its last report is counted, by its kind', () => {
    const state = foldAll([
      report({ agentId: 'sdk/1', recorded: 10, droppedSend: 1 }), report({ agentId: 'sdk/1', recorded: 25, droppedSend: 1, sampledOut: 2 }),
      report({ agentId: 'sdk/2', recorded: 5 }), report({ agentId: 'dns/1', recorded: 7, droppedQueueFull: 3 }),
    ])
    expect(recorded(state)).toEqual({ sdk: 30, dns: 7 })
    expect(dropped(state)).toEqual({ 'sdk send': 1, 'sdk sampled_out': 2, 'dns queue_full': 3 })
  })

  it('has a label for every reason of the report', () => {
    const state = foldAll([report({
      droppedQueueFull: 1, droppedTooLarge: 2, droppedEncode: 3, droppedSend: 4, droppedShutdown: 5, sampledOut: 6,
    })])
    expect(dropped(state)).toEqual({
      'sdk queue_full': 1, 'sdk too_large': 2, 'sdk encode': 3, 'sdk send': 4, 'sdk shutdown': 5, 'sdk sampled_out': 6,
    })
  })

  it('and is smaller than before is a new beginning: all of it is counted', () => {
    const state = foldAll([report({ recorded: 10, droppedSend: 4 }), report({ recorded: 3, droppedSend: 1 }), report({ recorded: 5, droppedSend: 1 })])
    expect([recorded(state), dropped(state)]).toEqual([{ sdk: 15 }, { 'sdk send': 5 }])
  })

  it('a second time, by its number, changes nothing', () => {
    const told = [report({ recorded: 10, sequence: 1 }), report({ recorded: 3, sequence: 2 }), report({ recorded: 10, sequence: 1 })]
    expect(recorded(foldAll(told))).toEqual({ sdk: 13 })
  })

  it('counts no look-up, no registration and no weight of its own', () => {
    expect(samplesIn(foldAll([report({ recorded: 10 })]), 'agent_events_received_total')).toEqual({})
  })
})

describe('an agent', () => {
  it('is active from its first report on, and silent when three are missing, by the stream\'s time', () => {
    const state = foldAll([report({}, 1_000), lookup({}, 31_000)])
    expect(agents(state)).toEqual({ 'sdk active': 1 })
    foldAll([lookup({}, 31_001)], state)
    expect(agents(state)).toEqual({ 'sdk silent': 1 })
  })

  it('is active for as long as it reports', () => {
    const state = emptyState(0)
    for (let time = 1_000; time < 200_000; time += 10_000) foldAll([report({}, time)], state)
    expect(agents(state)).toEqual({ 'sdk active': 1 })
  })

  it('that reports again is active again, and counted once', () => {
    const state = foldAll([report({}, 1_000), lookup({}, 90_000), report({}, 90_001)])
    expect(agents(state)).toEqual({ 'sdk active': 1 })
    moveOn(state, 120_002)
    expect(agents(state)).toEqual({ 'sdk silent': 1 })
  })

  it('is not among them by its events alone: what never reports cannot fall silent', () => {
    expect(agents(foldAll([lookup({ agentId: 'sdk/1', sequence: 4 })]))).toEqual({})
  })

  it('whose report comes late, by an older append time, is not silenced early by it', () => {
    const state = foldAll([report({ sequence: 1 }, 50_000), report({ sequence: 2 }, 10_000)])
    moveOn(state, 80_000)
    expect(agents(state)).toEqual({ 'sdk active': 1 })
  })

  it('is forgotten an hour after it was last heard of or fell silent, and is then neither, while its counts stay', () => {
    const state = foldAll([report({ recorded: 10, droppedSend: 2, sequence: 8 }, 1_000), lookup({}, 31_001)])
    moveOn(state, MINUTE + HOUR)
    expect([agents(state), state.cells.agent.size]).toEqual([{ 'sdk silent': 1 }, 1])
    moveOn(state, MINUTE + HOUR + 1) // at the full minute
    expect([agents(state), state.cells.agent.size]).toEqual([{}, 0])
    expect([recorded(state), dropped(state)]).toEqual([{ sdk: 10 }, { 'sdk send': 2 }])
  })

  it('that was forgotten is a new one when it comes back: the numbers begin anew', () => {
    const state = foldAll([report({ recorded: 10, sequence: 8 }, 1_000), report({ recorded: 4, sequence: 1 }, 2_000 + 2 * HOUR)])
    expect([recorded(state), agents(state)]).toEqual([{ sdk: 14 }, { 'sdk active': 1 }])
  })
})

describe('an account', () => {
  type Step = { do: 'record' | 'drop' | 'send' | 'spoil' | 'report' | 'restart' | 'wait'; weight: number } | { do: 'repeat'; weight: number }
  const steps = fc.array(fc.record({
    do: fc.constantFrom<Step['do'][]>('record', 'record', 'record', 'send', 'send', 'drop', 'spoil', 'repeat', 'report', 'restart', 'wait'),
    weight: fc.integer({ min: 1, max: 9 }),
  }), { maxLength: 80 })

  /** An agent of kind sdk as its partition sees it, and what is still on its way. */
  class Agent {
    readonly #fold: (record: Any) => void
    #number = 1
    #sequence = 0
    #recorded = 0
    #dropped = 0
    readonly #sent: Told[] = []
    underWay: number[] = []

    constructor(fold: (record: Any) => void) {
      this.#fold = fold
    }

    do(what: Step['do'], weight: number, time: number): void {
      if (what === 'record') this.#record(weight)
      if (what === 'drop') {
        this.#recorded += weight
        this.#dropped += weight
      }
      if (what === 'send') for (const next of this.underWay.splice(0, 1)) this.#send(lookup({ agentId: this.#id, sequence: ++this.#sequence, weight: next }, time))
      if (what === 'spoil') for (const next of this.underWay.splice(0, 1)) this.#fold(rejection({ agentId: this.#id, weight: next }, time))
      if (what === 'repeat') for (const again of this.#sent.slice(weight % 3, weight % 3 + 1)) this.#fold(again)
      if (what === 'report') this.#fold(this.#report(time))
      if (what === 'restart') this.close(time)
    }

    /** Closes cleanly: what it could not send is dropped, and told with its last report. Another one begins. */
    close(time: number): void {
      for (const weight of this.underWay.splice(0)) this.#dropped += weight
      this.#fold(this.#report(time))
      this.#number++
      this.#sequence = this.#recorded = this.#dropped = this.#sent.length = 0
    }

    report(time: number): void {
      this.#fold(this.#report(time))
    }

    get #id(): string {
      return `sdk/${this.#number}`
    }

    #record(weight: number): void {
      this.#recorded += weight
      this.underWay.push(weight)
    }

    #send(record: Told): void {
      this.#sent.push(record)
      this.#fold(record)
    }

    #report(time: number): Told {
      return report({ agentId: this.#id, sequence: ++this.#sequence, recorded: this.#recorded, droppedSend: this.#dropped }, time)
    }
  }

  it('adds up, whatever happens: recorded = received + dropped + rejected + under way, once the last report is in', () => {
    fc.assert(fc.property(steps, story => {
      const state = emptyState(0)
      const agent = new Agent(record => { foldAll([record], state) })
      let time = 1_000
      for (const { do: what, weight } of story) {
        time += what === 'wait' ? weight * 10_000 : 1
        agent.do(what, weight, time)
      }
      const onTheWay = agent.underWay.reduce((total, weight) => total + weight, 0)
      agent.report(time + 1)
      expect(sum(recorded(state))).toBe(accounted(state) + onTheWay)
      agent.close(time + 2)
      expect(sum(recorded(state))).toBe(accounted(state))
    }), { numRuns: 500 })
  })
})
