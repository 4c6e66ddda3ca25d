import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blankCell } from '../../src/core/blank-cells.ts'
import type { InstanceCell } from '../../src/core/cells.ts'
import { DueQueue } from '../../src/core/due-queue.ts'
import { deadlineOf } from '../../src/core/state.ts'

type LeaseQueue = DueQueue<InstanceCell>
const leaseQueue = (): LeaseQueue => new DueQueue<InstanceCell>(deadlineOf)
const instanceCalled = (instance: string): InstanceCell => blankCell('instance', ['default', 'cart', instance])

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

describe('a queue of leases', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('lease' as const), which: fc.nat({ max: 5 }), millis: fc.nat({ max: 40 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat({ max: 5 }), millis: fc.constant(0) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), which: fc.constant(0), millis: fc.nat({ max: 30 }) }) },
  )

  it('gives whom a look at every instance would find, whatever was granted, extended, shortened, given up or ended before', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const queue = leaseQueue()
      const instances = Array.from({ length: 6 }, (_, index) => instanceCalled(`i${index}`))
      let time = 0
      for (const { do: what, which, millis } of steps) {
        const instance = instances[which] as InstanceCell
        if (what === 'lease') lease(queue, instance, millis === 0 ? 0 : time + millis)
        if (what === 'end') end(instance)
        if (what !== 'advance') continue
        time += millis
        const due = instances.filter(({ live, leaseEnds }) => live && leaseEnds > 0 && leaseEnds < time).map(({ instance: name }) => name)
        expect(endDue(queue, time)).toEqual(due)
      }
      const leased = instances.filter(({ live, leaseEnds }) => live && leaseEnds > 0).map(({ instance: name }) => name)
      expect(endDue(queue, Number.POSITIVE_INFINITY)).toEqual(leased)
      expect(queue.size).toBe(0)
    }), { numRuns: 1_000 })
  })

  it('gives nobody at the very time that he is due, and each by the time that he has, not by the one that he had', () => {
    const queue = leaseQueue()
    const [early, late] = [instanceCalled('early'), instanceCalled('late')]
    lease(queue, early, 10)
    lease(queue, late, 20)
    early.leaseEnds = 30 // a postponement need not be told
    expect([endDue(queue, 20), endDue(queue, 21), endDue(queue, 30), endDue(queue, 31)]).toEqual([[], ['late'], [], ['early']])
  })

  it('holds one entry for an instance, however often it is renewed', () => {
    const queue = leaseQueue()
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
    const queue = leaseQueue()
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
    const queue = leaseQueue()
    for (let number = 0; number < 100; number++) {
      const instance = instanceCalled(`i${number}`)
      lease(queue, instance, 1_000 + number)
      end(instance)
    }
    expect([endDue(queue, 1_000), queue.size]).toEqual([[], 100])
    expect([endDue(queue, 1_101), queue.size]).toEqual([[], 0])
  })
})
