import { describe, expect, it } from 'vitest'
import { ending } from './ending.ts'

const good = { code: 0, passed: 12, failed: 0 }

describe('a test run ends', () => {
  it('with the count alone where all went well', () => {
    expect(ending(good, { leftOut: undefined, required: true })).toEqual({ lines: ['12 passed, 0 failed'], code: 0 })
  })

  it('with the code of vitest', () => {
    const result = { code: 1, passed: 11, failed: 1 }
    expect(ending(result, { leftOut: undefined, required: false })).toEqual({ lines: ['11 passed, 1 failed'], code: 1 })
  })

  it('and says why the container tests were left out', () => {
    expect(ending(good, { leftOut: 'no engine', required: false })).toEqual({
      lines: ['the container tests (*.container.e2e.test.ts) were left out: no engine', '12 passed, 0 failed'],
      code: 0,
    })
  })

  it('as a failure where the container tests are required and were left out', () => {
    const { lines, code } = ending(good, { leftOut: 'no engine', required: true })
    expect(code).toBe(1)
    expect(lines).toContain('REQUIRE_CONTAINERS=1 makes that a failure')
    expect(lines.at(-1)).toBe('12 passed, 0 failed')
  })

  it('and does not look well where vitest failed outside of any test', () => {
    const { lines, code } = ending({ code: 2, passed: 12, failed: 0 }, { leftOut: undefined, required: false })
    expect(code).toBe(2)
    expect(lines[0]).toBe('vitest failed outside of any test, with code 2: see above')
  })
})
