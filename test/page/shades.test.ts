import { describe, expect, it } from 'vitest'
import { shadeOf } from '../../src/page/shades.ts'

const byErrors = (errorRatio: number | null) => shadeOf({ errorRatio, p95Seconds: 9 }, 'errors')
const byLatency = (p95Seconds: number | null) => shadeOf({ errorRatio: 1, p95Seconds }, 'latency')

describe('the shade of a service', () => {
  it('by failed look-ups is as the legend says', () => {
    expect([null, 0, 0.0001, 0.01, 0.0499, 0.05, 1].map(byErrors)).toEqual(['none', 'good', 'fair', 'poor', 'poor', 'bad', 'bad'])
  })

  it('by look-up time is as the legend says', () => {
    expect([null, 0, 0.0099, 0.01, 0.1, 1, 10].map(byLatency)).toEqual(['none', 'good', 'good', 'fair', 'poor', 'bad', 'bad'])
  })
})
