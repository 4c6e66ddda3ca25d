import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultRetention } from '../../src/core/retention.ts'
import { bucketOf } from '../../src/core/sequences.ts'
import { edit, emptyState, type ShardState } from '../../src/core/state.ts'
import { foldAll, lookup, samplesIn, type Told } from './story.ts'

const from = (agent: string, sequence: number, time = 1_000) => lookup({ agentId: agent, sequence }, time)
const repeated = (records: readonly Told[], state?: ShardState) => samplesIn(foldAll(records, state), 'agent_events_repeated_total')
const agentsIn = (state: ShardState) => [...state.cells.sequences.values()].flatMap(({ last }) => [...last.keys()])
/** Agents in the same bucket. */
function neighbours(count: number): string[] {
  const found: string[] = []
  for (let index = 0; found.length < count; index++) if (bucketOf(`sdk/${index}`) === '138') found.push(`sdk/${index}`)
  return found
}

describe('the numbers of agents that share a bucket', () => {
  it('are each agent\'s own', () => {
    const [one = '', other = ''] = neighbours(2)
    expect(repeated([from(one, 7), from(other, 3), from(one, 7), from(other, 4)])).toEqual({ sdk: 1 })
  })

  it('are forgotten one by one: an agent that was silent for an hour begins anew, its neighbour does not', () => {
    const [silent = '', lively = ''] = neighbours(2)
    const later = [from(lively, 2, 3_000_000), from(lively, 2, 4_000_000), from(silent, 9, 4_000_001)]
    expect(repeated([from(silent, 9), from(lively, 1), ...later])).toEqual({ sdk: 1 })
  })

  it('give their room back when another agent comes', () => {
    const [silent = '', lively = '', late = ''] = neighbours(3)
    const state = foldAll([from(silent, 9), from(lively, 1), from(lively, 2, 4_000_000), from(late, 1, 4_000_000)])
    expect(agentsIn(state)).toEqual([lively, late])
  })

  it('are at most a thousand and twenty-four: of more, the one that was not seen for longest is forgotten', () => {
    const agents = neighbours(1_025)
    const [first = '', second = ''] = agents
    const state = foldAll([...agents.slice(0, 1_024).map(agent => from(agent, 5)), from(first, 6, 2_000), from(agents[1_024] ?? '', 5, 2_000)])
    expect([agentsIn(state).length, agentsIn(state).includes(first), agentsIn(state).includes(second)]).toEqual([1_024, true, false])
    expect(state.forgottenAgents).toBe(1)
    expect(repeated([from(first, 6, 3_000), from(second, 5, 3_000)], state)).toEqual({ sdk: 1 })
  })

  it('begin with the cell of its own that an agent had before there were buckets', () => {
    const state = emptyState(0)
    Object.assign(edit(state, 'agent', 'sdk/1'), { sequence: 5, lastSeen: 900 })
    expect(repeated([from('sdk/1', 5), from('sdk/1', 6)], state)).toEqual({ sdk: 1 })
  })

  it('tell repetitions as if each agent had a cell of its own, whatever comes, and whenever', () => {
    const agents = neighbours(4)
    const step = fc.record({ agent: fc.constantFrom(...agents), sequence: fc.integer({ min: 1, max: 6 }), after: fc.constantFrom(0, 1, 1_800_000, 3_600_000) })
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const last = new Map<string, { sequence: number; until: number }>()
      let [time, expected] = [1_000, 0]
      const records = steps.map(({ agent, sequence, after }) => {
        time += after
        const held = last.get(agent)
        const highest = held === undefined || held.until < time ? 0 : held.sequence
        if (sequence <= highest) expected++
        last.set(agent, { sequence: Math.max(highest, sequence), until: Math.ceil((time + defaultRetention.sequences) / 60_000) * 60_000 })
        return from(agent, sequence, time)
      })
      expect(repeated(records)['sdk'] ?? 0).toBe(expected)
    }))
  })
})
