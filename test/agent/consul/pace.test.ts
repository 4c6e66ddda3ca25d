import { describe, expect, it } from 'vitest'
import { waitMs } from '../../../src/agent/consul/pace.ts'

describe('how long a question waits in Consul', () => {
  it('is a minute where each has a slot', () => {
    expect(waitMs({ watched: 128, slots: 128 })).toBe(60_000)
  })

  it('is so brief where they take turns that a round takes ten seconds, but half a second at least', () => {
    expect([129, 1_280, 2_560, 10_000].map(watched => Math.round(waitMs({ watched, slots: 128 })))).toEqual([9_922, 1_000, 500, 500])
  })
})
