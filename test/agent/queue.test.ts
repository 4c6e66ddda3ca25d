import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedQueue } from '../../src/agent/queue.ts'

describe('the bounded queue', () => {
  it('gives items in their order and refuses those beyond its limit, until taken ones are released', () => {
    const queue = new BoundedQueue<string>(2)
    expect([queue.push('a'), queue.push('b'), queue.push('c')]).toEqual([true, true, false])
    expect(queue.take()).toBe('a')
    expect(queue.push('d')).toBe(false)
    queue.release(1)
    expect(queue.push('e')).toBe(true)
    expect([queue.take(), queue.take(), queue.take()]).toEqual(['b', 'e', undefined])
  })

  it('does as a plain array does', () => {
    const step = fc.oneof(fc.constant('push' as const), fc.constant('take' as const), fc.constant('release' as const))
    fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
      const queue = new BoundedQueue<number>(limit)
      const waiting: number[] = []
      const same: boolean[] = []
      let [held, next] = [0, 0]
      for (const action of steps) {
        if (action === 'push') {
          const fits = waiting.length + held < limit
          same.push(queue.push(next) === fits)
          if (fits) waiting.push(next)
          next += 1
        } else if (action === 'take') {
          if (waiting.length > 0) held += 1
          same.push(queue.take() === waiting.shift())
        } else {
          queue.release(held)
          held = 0
        }
        expect(queue.waiting).toBe(waiting.length)
        expect(queue.accepted - queue.released).toBe(waiting.length + held)
      }
      expect(same).not.toContain(false)
    }))
  })
})
