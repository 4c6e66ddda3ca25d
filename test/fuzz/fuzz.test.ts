import { describe, expect, it } from 'vitest'
import { fuzz, MOST_MS } from './fuzzer.ts'
import { kinds } from './seeds.ts'

describe.each(kinds)('whatever the bytes, a decoder of kind %s gives an event or a reason', kind => {
  it('for mutations of true and hostile messages, each within ten milliseconds', () => {
    const { outcomes, slowest } = fuzz(kind, { inputs: 20_000, seed: 7 })
    expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(20_000)
    expect(outcomes.size).toBeGreaterThan(7)
    expect(slowest.ms).toBeLessThanOrEqual(MOST_MS)
  })
})
