import { describe, expect, it } from 'vitest'
import { RateLimit } from '../../../src/http/web-config/rate-limit.ts'

describe('a rate limit', () => {
  it('lets a burst through, and then one each interval', () => {
    let now = 0
    const limit = new RateLimit(() => now)
    const admitted = (count: number) => Array.from({ length: count }, () => limit.admits({ intervalMs: 100, burst: 3 })).filter(Boolean).length
    expect(admitted(10)).toBe(3)
    now = 99
    expect(admitted(10)).toBe(0)
    now = 250
    expect(admitted(10)).toBe(2)
    now = 1_000_000
    expect(admitted(10)).toBe(3)
  })

  it('is the newest that it is given', () => {
    const limit = new RateLimit(() => 0)
    expect(limit.admits({ intervalMs: 1, burst: 1_000 })).toBe(true)
    expect([1, 2].map(() => limit.admits({ intervalMs: 1, burst: 1 }))).toEqual([true, false])
  })
})
