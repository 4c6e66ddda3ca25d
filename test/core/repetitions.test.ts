import { describe, expect, it } from 'vitest'
import { foldAll, lookup, registration, report, samplesIn, type Told } from './story.ts'

const numbered = (sequence: number, fields = {}) => lookup({ agentId: 'sdk/1', sequence, ...fields })
const lookups = (...records: Told[]) => samplesIn(foldAll(records), 'lookups_total')
const counted = (...records: Told[]) => {
  const state = foldAll(records)
  return { received: samplesIn(state, 'agent_events_received_total'), repeated: samplesIn(state, 'agent_events_repeated_total') }
}

describe('an event whose number is not above the last one of its agent', () => {
  it('changes nothing, and is counted as repeated with its weight', () => {
    const records = [numbered(1), numbered(2, { weight: 5 }), numbered(2, { weight: 5 }), numbered(1)]
    expect(lookups(...records)).toEqual({ 'default cart success': 6 })
    expect(counted(...records)).toEqual({ received: { sdk: 6 }, repeated: { sdk: 6 } })
  })

  it('is no repetition of another agent\'s', () => {
    expect(lookups(numbered(1), numbered(1, { agentId: 'sdk/2' }))).toEqual({ 'default cart success': 2 })
  })

  it('changes no instance: a repeated REGISTER does not bring back what has ended', () => {
    const records = [
      registration({ agentId: 'sdk/1', sequence: 1, status: 'PASSING' }),
      registration({ agentId: 'sdk/1', sequence: 2, operation: 'DEREGISTER' }),
      registration({ agentId: 'sdk/1', sequence: 1, status: 'PASSING' }),
    ]
    expect(samplesIn(foldAll(records), 'instances')).toEqual({})
    expect(samplesIn(foldAll(records), 'registrations_total'))
      .toEqual({ 'default cart register success': 1, 'default cart deregister success': 1 })
  })
})

describe('an event without a number', () => {
  it('is never a repetition', () => {
    expect(lookups(numbered(0), numbered(0), numbered(3), numbered(0))).toEqual({ 'default cart success': 4 })
  })
})

describe('numbers', () => {
  it('may leave gaps: an agent\'s events are spread over partitions', () => {
    expect(lookups(numbered(4), numbered(90))).toEqual({ 'default cart success': 2 })
  })

  it('of reports count no look-up and no registration', () => {
    expect(counted(report({ sequence: 1 }), report({ sequence: 1 }))).toEqual({ received: {}, repeated: {} })
  })
})
