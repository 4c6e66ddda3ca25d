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
    const { pairing: it, told } = pairing()
    expect([it.asked('a', 'q1', 0), it.answered('a', 'r1', 1)]).toEqual(['waits', 'paired'])
    expect([it.answered('b', 'r2', 2), it.asked('b', 'q2', 3)]).toEqual(['waits', 'paired'])
    expect(told).toEqual(['q1 r1', 'q2 r2'])
  })

  it('are told alone after their time, and not a second time when the other comes late', () => {
    const { pairing: it, told } = pairing()
    it.asked('a', 'q1', 0)
    it.answered('b', 'r2', 4_500)
    it.sweep(4_999)
    expect(told).toEqual([])
    it.sweep(5_500)
    expect(told).toEqual(['q1 unanswered', 'unasked r2'])
    expect(it.answered('a', 'r1', 5_600)).toBe('late')
    it.sweep(20_000)
    expect(told).toHaveLength(2)
  })

  it('that are repeated count once', () => {
    const { pairing: it, told } = pairing()
    expect([it.asked('a', 'q1', 0), it.asked('a', 'q1', 10)]).toEqual(['waits', 'repeated'])
    expect([it.answered('a', 'r1', 20), it.answered('a', 'r1', 30)]).toEqual(['paired', 'repeated'])
    expect(told).toEqual(['q1 r1'])
  })

  it('may be asked again after no answer came', () => {
    const { pairing: it, told } = pairing()
    it.asked('a', 'q1', 0)
    it.sweep(5_000)
    expect([it.asked('a', 'q2', 5_001), it.answered('a', 'r2', 5_002)]).toEqual(['waits', 'paired'])
    expect(told).toEqual(['q1 unanswered', 'q2 r2'])
  })

  it('beyond the limit are not kept: the answer is told without its question', () => {
    const { pairing: it, told } = pairing()
    for (const key of ['a', 'b', 'c']) it.asked(key, key, 0)
    expect(it.asked('d', 'd', 0)).toBe('overflow')
    it.answered('d', 'r', 1)
    it.sweep(1_001)
    expect(told).toEqual(['unasked r'])
  })

  it('each count once, whatever comes', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), isQuestion: fc.boolean(), pause: fc.constantFrom(0, 1, 600, 3_000) })
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const { pairing: it, told } = pairing()
      const counts = new Map<string, number>()
      const count = (what: string): unknown => counts.set(what, (counts.get(what) ?? 0) + 1)
      let now = 0
      for (const [index, { key, isQuestion, pause }] of steps.entries()) {
        now += pause
        it.sweep(now)
        count(isQuestion ? `asked ${it.asked(key, `q${index}`, now)}` : `answered ${it.answered(key, `r${index}`, now)}`)
        expect(it.size).toBeLessThanOrEqual(options.limit)
      }
      const abandoned = it.close()
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
