import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Lifecycle } from '../src/lifecycle.ts'

let logged: string[]
let stopped: string[]
let lifecycle: Lifecycle

beforeEach(() => {
  vi.useFakeTimers()
  logged = []
  stopped = []
  lifecycle = new Lifecycle(pino({ level: 'warn' }, { write: line => { logged.push((JSON.parse(line) as { msg: string }).msg) } }))
})
afterEach(() => vi.useRealTimers())

function resolvedAfter(milliseconds: number): Promise<void> {
  return new Promise(resolve => { setTimeout(resolve, milliseconds) })
}

describe('stopping', () => {
  it('undoes what was started, backwards, one after the other', async () => {
    lifecycle.onStop('server', () => { stopped.push('server') })
    lifecycle.onStop('consumer', async () => {
      await resolvedAfter(100)
      stopped.push('consumer')
    })
    const clean = lifecycle.stop(1_000)
    await vi.advanceTimersByTimeAsync(100)
    expect(await clean).toBe(true)
    expect(stopped).toEqual(['consumer', 'server'])
  })

  it('stops each only once, however often it is asked for', async () => {
    lifecycle.onStop('server', () => { stopped.push('server') })
    expect(await Promise.all([lifecycle.stop(1_000), lifecycle.stop(1_000)])).toEqual([true, true])
    expect(await lifecycle.stop(1_000)).toBe(true)
    expect(stopped).toEqual(['server'])
  })

  it('goes on behind what does not stop cleanly, and says so', async () => {
    lifecycle.onStop('server', () => { stopped.push('server') })
    lifecycle.onStop('consumer', () => Promise.reject(new Error('stuck')))
    lifecycle.onStop('timer', () => { throw new Error('stuck too') })
    expect(await lifecycle.stop(1_000)).toBe(false)
    expect(stopped).toEqual(['server'])
    expect(logged).toEqual(['timer did not stop cleanly', 'consumer did not stop cleanly'])
  })

  it('gives up at the deadline', async () => {
    lifecycle.onStop('server', () => { stopped.push('server') })
    lifecycle.onStop('consumer', () => resolvedAfter(60_000))
    const clean = lifecycle.stop(9_000)
    await vi.advanceTimersByTimeAsync(9_000)
    expect(await clean).toBe(false)
    expect(logged).toEqual(['still stopping after 9000 ms, giving up'])
  })

  it('keeps nobody waiting for the deadline when all is stopped', async () => {
    expect(await lifecycle.stop(1_000)).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
    expect(logged).toEqual([])
  })
})
