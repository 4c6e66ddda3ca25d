import { describe, expect, it } from 'vitest'
import { judge } from '../../bench/regression.ts'

describe('a change of speed', () => {
  const quiet = [[100, 101], [100, 99], [100, 100]] as const
  const noisy = [[100, 130], [100, 80], [100, 125]] as const

  it('counts where the machine is quiet only below 85 %', () => {
    expect([judge(0.86, quiet).isSlower, judge(0.84, quiet).isSlower]).toEqual([false, true])
  })

  it('has to be larger than three times the noise where the machine is not', () => {
    expect(judge(0.5, noisy)).toEqual({ allowed: 0.75, isSlower: false })
    expect(judge(0.2, noisy).isSlower).toBe(true)
  })

  it('is none where it is faster', () => {
    expect(judge(1.4, quiet).isSlower).toBe(false)
  })
})
