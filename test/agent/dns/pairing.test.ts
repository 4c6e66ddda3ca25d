import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pairing } from '../../../src/agent/dns/pairing.ts'

const options = { limit: 3, timeoutMs: 5_000, earlyMs: 1_000 }

function pairing(): { pairing: Pairing<string, string>; told: string[] } {
  const told: string[] = []
  return {
    told,
    pairing: new Pairing<string, string>(options, {
      paired: (question, answer) => told.push(`${question} ${answer}`),
      unanswered: question => told.push(`${question} unanswered`),
      unasked: answer => told.push(`unasked ${answer}`),
    }),
  }
}

describe('questions and answers', () => {
  it('are brought together in whatever order they come', () => {
    const { pairing: pairs, told } = pairing()
    expect([pairs.asked('a', 'q1', 0), pairs.answered('a', 'r1', 1)]).toEqual(['waits', 'paired'])
    expect([pairs.answered('b', 'r2', 2), pairs.asked('b', 'q2', 3)]).toEqual(['waits', 'paired'])
    expect(told).toEqual(['q1 r1', 'q2 r2'])
  })

  it('are told alone after their time, and not a second time when the other comes late', () => {
    const { pairing: pairs, told } = pairing()
    pairs.asked('a', 'q1', 0)
    pairs.answered('b', 'r2', 4_500)
    pairs.sweep(4_999)
    expect(told).toEqual([])
    pairs.sweep(5_500)
    expect(told).toEqual(['q1 unanswered', 'unasked r2'])
    expect(pairs.answered('a', 'r1', 5_600)).toBe('late')
    pairs.sweep(20_000)
    expect(told).toHaveLength(2)
  })

  it('that are repeated count once', () => {
    const { pairing: pairs, told } = pairing()
    expect([pairs.asked('a', 'q1', 0), pairs.asked('a', 'q1', 10)]).toEqual(['waits', 'repeated'])
    expect([pairs.answered('a', 'r1', 20), pairs.answered('a', 'r1', 30)]).toEqual(['paired', 'repeated'])
    expect(told).toEqual(['q1 r1'])
  })

  it('may be asked again after no answer came', () => {
    const { pairing: pairs, told } = pairing()
    pairs.asked('a', 'q1', 0)
    pairs.sweep(5_000)
    expect([pairs.asked('a', 'q2', 5_001), pairs.answered('a', 'r2', 5_002)]).toEqual(['waits', 'paired'])
    expect(told).toEqual(['q1 unanswered', 'q2 r2'])
  })

  it('beyond the limit are not kept: the answer is told without its question', () => {
    const { pairing: pairs, told } = pairing()
    for (const key of ['a', 'b', 'c']) pairs.asked(key, key, 0)
    expect(pairs.asked('d', 'd', 0)).toBe('overflow')
    pairs.answered('d', 'r', 1)
    pairs.sweep(1_001)
    expect(told).toEqual(['unasked r'])
  })

  it('each count once, whatever comes', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), isQuestion: fc.boolean(), pause: fc.constantFrom(0, 1, 600, 3_000) })
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const { pairing: pairs, told } = pairing()
      const counts = new Map<string, number>()
      const count = (what: string): unknown => counts.set(what, (counts.get(what) ?? 0) + 1)
      let now = 0
      for (const [index, { key, isQuestion, pause }] of steps.entries()) {
        now += pause
        pairs.sweep(now)
        count(isQuestion ? `asked ${pairs.asked(key, `q${index}`, now)}` : `answered ${pairs.answered(key, `r${index}`, now)}`)
        expect(pairs.size).toBeLessThanOrEqual(options.limit)
      }
      const abandoned = pairs.close()
      const of = (what: string): number => counts.get(what) ?? 0
      const paired = told.filter(text => text.startsWith('q') && !text.endsWith('unanswered')).length
      const unanswered = told.filter(text => text.endsWith('unanswered')).length
      const unasked = told.filter(text => text.startsWith('unasked')).length
      expect(paired + unanswered + abandoned).toBe(of('asked waits') + of('asked paired'))
      expect(paired + unasked).toBe(of('answered paired') + of('answered waits') + of('answered unasked'))
      expect(new Set(told).size).toBe(told.length)
    }), { numRuns: 1_000 })
  })
})
