import { describe, expect, it } from 'vitest'
import { DemoError } from '../../demo/errors.ts'
import { readOptions } from '../../demo/options.ts'

describe('the demo\'s flags', () => {
  it('may all be left out', () => {
    expect(readOptions([])).toEqual({ duration: null, seed: 1, rate: 400, ports: [9464, 9465] })
  })

  it('are read', () => {
    const args = ['--duration', '1m30s', '--seed=7', '--rate', '50', '--ports', '1000,2000,3000']
    expect(readOptions(args)).toEqual({ duration: 90_000, seed: 7, rate: 50, ports: [1000, 2000, 3000] })
  })

  it('give help', () => {
    expect(readOptions(['--help'])).toBeNull()
  })

  it('are refused with every fault at once', () => {
    const args = ['--duration', 'long', '--seed=-1', '--rate', '0', '--ports', '9464,9464']
    expect(() => readOptions(args)).toThrow(DemoError)
    expect(() => readOptions(args)).toThrow(
      /^--duration .*'long'\n--seed .*'-1'\n--rate .*'0'\n--ports must name different ports, not '9464,9464'\n\nUsage:/,
    )
  })

  it('are refused where there is no such flag', () => {
    expect(() => readOptions(['--durations', '3s'])).toThrow(/--durations[\s\S]*Usage:/)
  })
})
