import { describe, expect, it } from 'vitest'
import { rejectReasons, Rejection } from '../../src/contract/bounds.ts'
import { createEncoder, Decoder } from '../../src/contract/codec.ts'
import { eventDefaults, type LookupEvent } from '../../src/contract/events.ts'
import { foldAll, lookup, rejection, samplesIn } from './story.ts'

const rejected = (...records: Parameters<typeof foldAll>[0]) => samplesIn(foldAll(records), 'agent_events_rejected_total')

describe('a record that was set aside', () => {
  it('is counted by the kind of its agent and the reason', () => {
    expect(rejected(rejection({ agentId: 'sdk/1', reason: 'malformed' }), rejection({ agentId: 'sdk/2', reason: 'empty_service', weight: 40 }),
      rejection({ agentId: 'dns/1', reason: 'malformed' }))).toEqual({ 'sdk malformed': 1, 'sdk empty_service': 40, 'dns malformed': 1 })
  })

  it('is of kind unknown where nobody can read whose it is', () => {
    expect(rejected(rejection({ agentId: '', reason: 'unknown_framing' }))).toEqual({ 'unknown unknown_framing': 1 })
  })

  it('has a count for every reason', () => {
    expect(Object.keys(rejected(...rejectReasons.map(reason => rejection({ reason }))))).toEqual(rejectReasons.map(reason => `sdk ${reason}`))
  })

  it('is nothing else: not received, no look-up, and no word of its agent', () => {
    const state = foldAll([lookup({ agentId: 'sdk/1', sequence: 1 }), rejection({ agentId: 'sdk/9', weight: 3 })])
    expect(samplesIn(state, 'agent_events_received_total')).toEqual({ sdk: 1 })
    expect([...state.cells.sequences.values()].flatMap(({ last }) => [...last.keys()])).toEqual(['sdk/1'])
    expect(state.next).toBe(2)
  })
})

const decode = (fields: Partial<LookupEvent>): Rejection => {
  const decoded = new Decoder('lookup').decode(createEncoder('lookup')({ ...eventDefaults.lookup, service: 'cart', ...fields }))
  if (decoded instanceof Rejection) return decoded
  throw new Error('it is an event')
}
const report = (fields: object) => new Decoder('agent').decode(createEncoder('agent')({ ...eventDefaults.agent, ...fields }))

describe('whose a bad event is, and how much it stood for', () => {
  it('is read where the bytes can be: its agent, and its weight', () => {
    expect(decode({ service: '', agentId: 'sdk/1', weight: 40 })).toMatchObject({ reason: 'empty_service', agentId: 'sdk/1', weight: 40 })
  })

  it('is one call where the weight itself is out of range', () => {
    expect(decode({ agentId: 'sdk/1', weight: 10_001 })).toMatchObject({ reason: 'weight_out_of_range', agentId: 'sdk/1', weight: 1 })
  })

  it('is nobody\'s where the agent\'s name is too long', () => {
    expect(decode({ agentId: 'x'.repeat(257), weight: 2 })).toMatchObject({ reason: 'string_too_long', agentId: '', weight: 2 })
  })

  it('is nothing for a report: that stands for no look-up', () => {
    expect(report({ agentId: 'sdk/1', recorded: -7 })).toMatchObject({ reason: 'number_out_of_range', agentId: 'sdk/1', weight: 0 })
  })

  it('is one call, and nobody\'s, where the bytes cannot be read', () => {
    expect(new Decoder('lookup').decode(Buffer.from('nonsense'))).toMatchObject({ agentId: '', weight: 1 })
  })
})
