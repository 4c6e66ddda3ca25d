import { describe, expect, it } from 'vitest'
import { retryForever, type RetryOptions } from '../../src/kafka/backoff.ts'

/** Fails so often, then succeeds. */
function failing(times: number): () => Promise<string> {
  let calls = 0
  return () => {
    calls++
    return calls <= times ? Promise.reject(new Error(`failure ${calls}`)) : Promise.resolve('done')
  }
}

/** Options that keep what they are told, and pause for no time. */
function recording(random: number): { options: RetryOptions; pauses: number[]; failures: unknown[] } {
  const pauses: number[] = []
  const failures: unknown[] = []
  const options: RetryOptions = {
    signal: new AbortController().signal,
    random: () => random,
    onFailure: error => { failures.push(error) },
    pause: milliseconds => {
      pauses.push(milliseconds)
      return Promise.resolve()
    },
  }
  return { options, pauses, failures }
}

describe('retrying for ever', () => {
  it('gives what the first success gives, and tells of every failure', async () => {
    const { options, failures } = recording(0)
    expect(await retryForever(failing(3), options)).toBe('done')
    expect(failures).toEqual([new Error('failure 1'), new Error('failure 2'), new Error('failure 3')])
  })

  it.each([
    ['longest', 1, [300, 500, 900, 1_700, 3_300, 5_100, 5_100]],
    ['shortest', 0, [100, 100, 100, 100, 100, 100, 100]],
  ])('pauses in between, longer each time up to some five seconds: at the %s', async (_, random, expected) => {
    const { options, pauses } = recording(random)
    await retryForever(failing(7), options)
    expect(pauses).toEqual(expected)
  })

  it('does not wait for a first success', async () => {
    const { options, pauses } = recording(1)
    await retryForever(failing(0), options)
    expect(pauses).toEqual([])
  })

  it('ends when the signal aborts during a pause, and does not begin once it has', async () => {
    const stop = new AbortController()
    let calls = 0
    const attempt = (): Promise<never> => {
      calls++
      setImmediate(() => stop.abort())
      return Promise.reject(new Error('failure'))
    }
    const options = { signal: stop.signal, random: () => 1_000, onFailure: () => {} }
    await expect(retryForever(attempt, options)).rejects.toThrow('aborted')
    await expect(retryForever(attempt, options)).rejects.toThrow('aborted')
    expect(calls).toBe(1)
  })
})
