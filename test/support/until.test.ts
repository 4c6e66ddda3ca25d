import { describe, expect, it } from 'vitest'
import { until } from './until.ts'

describe('waiting until a condition holds', () => {
  it('gives what the condition gave once it is something', async () => {
    const answers = [undefined, null, false, 0]
    expect(await until(() => answers.shift(), { intervalMs: 1, message: 'a number' })).toBe(0)
    expect(answers).toEqual([])
  })

  it('asks again after an error', async () => {
    const answers = [() => Promise.reject(new Error('not yet')), () => Promise.resolve('now')]
    expect(await until(() => answers.shift()?.(), { intervalMs: 1, message: 'an answer' })).toBe('now')
  })

  it('gives up in the end, and says what it waited for and what went wrong last', async () => {
    const waiting = until(() => Promise.reject(new Error('refused')), { timeoutMs: 5, intervalMs: 1, message: 'the port answers' })
    await expect(waiting).rejects.toThrow('not within 0.005 s: the port answers (refused)')
  })
})
