import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyInstance, type InstanceCell } from '../../src/core/cells.ts'
import { LeaseQueue } from '../../src/core/leases.ts'

const instanceCalled = (instance: string): InstanceCell => emptyInstance({ namespace: 'default', service: 'cart', instance }, 0)

function lease(queue: LeaseQueue, instance: InstanceCell, ends: number): void {
  instance.live = true
  instance.leaseEnds = ends
  queue.schedule(instance)
}

function end(instance: InstanceCell): void {
  instance.live = false
  instance.leaseEnds = 0
}

/** Takes what is due as the fold does: each instance ends as it is given. */
function endDue(queue: LeaseQueue, time: number): string[] {
  const ended: string[] = []
  for (const instance of queue.takeDue(time)) {
    ended.push(instance.instance)
    end(instance)
  }
  return ended.toSorted()
}

describe('a lease queue', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('lease' as const), which: fc.nat({ max: 5 }), millis: fc.nat({ max: 40 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat({ max: 5 }), millis: fc.constant(0) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), which: fc.constant(0), millis: fc.nat({ max: 30 }) }) },
  )

  it('gives whom a look at every instance would find, whatever was granted, extended, shortened, given up or ended before', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const queue = new LeaseQueue()
      const instances = Array.from({ length: 6 }, (_, index) => instanceCalled(`i${index}`))
      let time = 0
      for (const { do: what, which, millis } of steps) {
        const instance = instances[which] as InstanceCell
        if (what === 'lease') lease(queue, instance, millis === 0 ? 0 : time + millis)
        if (what === 'end') end(instance)
        if (what !== 'advance') continue
        time += millis
        const due = instances.filter(({ live, leaseEnds }) => live && leaseEnds > 0 && leaseEnds < time).map(({ instance: name }) => name)
        expect(queue.peekDue(time).map(({ instance: name }) => name).toSorted()).toEqual(due)
        expect(endDue(queue, time)).toEqual(due)
      }
      const leased = instances.filter(({ live, leaseEnds }) => live && leaseEnds > 0).map(({ instance: name }) => name)
      expect(endDue(queue, Number.POSITIVE_INFINITY)).toEqual(leased)
      expect(queue.size).toBe(0)
    }), { numRuns: 1_000 })
  })

  it('shows who is due, and changes nothing by it', () => {
    const queue = new LeaseQueue()
    const instances = [10, 20, 30].map(ends => {
      const instance = instanceCalled(`until ${ends}`)
      lease(queue, instance, ends)
      return instance
    })
    expect([queue.peekDue(25), queue.peekDue(25), queue.size]).toEqual([instances.slice(0, 2), instances.slice(0, 2), 3])
    expect(endDue(queue, 25)).toEqual(['until 10', 'until 20'])
  })

  it('holds one entry for an instance, however often it is renewed', () => {
    const queue = new LeaseQueue()
    const instance = instanceCalled('a')
    let largest = 0
    for (let time = 0; time < 100_000; time += 10) {
      expect(endDue(queue, time)).toEqual([])
      lease(queue, instance, time + 30)
      largest = Math.max(largest, queue.size)
    }
    expect(largest).toBe(1)
  })

  it('holds few entries for an instance whose renewals are now longer, now shorter', () => {
    const queue = new LeaseQueue()
    const instance = instanceCalled('a')
    let largest = 0
    for (let time = 0; time < 100_000; time += 10) {
      expect(endDue(queue, time)).toEqual([])
      lease(queue, instance, time + (time % 20 === 0 ? 600 : 300))
      largest = Math.max(largest, queue.size)
    }
    expect(largest).toBeLessThanOrEqual(3)
  })

  it('holds no entry of an instance that has ended, once its lease would have run out', () => {
    const queue = new LeaseQueue()
    for (let number = 0; number < 100; number++) {
      const instance = instanceCalled(`i${number}`)
      lease(queue, instance, 1_000 + number)
      end(instance)
    }
    expect([endDue(queue, 1_000), queue.size]).toEqual([[], 100])
    expect([endDue(queue, 1_101), queue.size]).toEqual([[], 0])
  })
})
