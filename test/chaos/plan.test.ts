import { describe, expect, it } from 'vitest'
import { createRandom } from '../../demo/random.ts'
import { faultKinds, plan, type Fault, type PlanOptions } from './plan.ts'

const options: PlanOptions = { start: 3, fewest: 2, most: 4, sessionTimeout: 6_000, slack: 0, broker: true }

function first(count: number, seed: number, changed: Partial<PlanOptions> = {}): Fault[] {
  const faults = plan(createRandom(seed), { ...options, ...changed })
  return Array.from({ length: count }, () => faults.next().value as Fault)
}

describe('the plan of faults', () => {
  it('is the same for the same seed and another for another', () => {
    expect(first(50, 1)).toEqual(first(50, 1))
    expect(first(50, 1)).not.toEqual(first(50, 2))
  })

  it('has every kind before any comes again, within a minute', () => {
    for (let seed = 0; seed < 200; seed++) {
      const deck = first(faultKinds.length, seed)
      expect(new Set(deck.map(({ kind }) => kind)).size).toBe(faultKinds.length)
      expect(deck.reduce((sum, { hold, settle }) => sum + hold + settle, 0)).toBeLessThan(46_000)
    }
  })

  it('keeps the number of replicas within its bounds', () => {
    let replicas = options.start
    for (const { kind } of first(500, 7)) {
      replicas += kind === 'add' ? 1 : kind === 'remove' ? -1 : 0
      expect(replicas).toBeGreaterThanOrEqual(2)
      expect(replicas).toBeLessThanOrEqual(4)
    }
  })

  it('stops a replica for longer than the session timeout, and leaves a broker alone that is not ours', () => {
    const faults = first(200, 3, { broker: false })
    expect(Math.min(...faults.filter(({ kind }) => kind === 'stop').map(({ hold }) => hold))).toBeGreaterThan(6_000)
    expect(faults.filter(({ kind }) => kind.startsWith('broker'))).toEqual([])
  })
})
