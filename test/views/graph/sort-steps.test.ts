import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NameTable } from '../../../src/views/graph/name-table.ts'
import { sortInSteps } from '../../../src/views/graph/sort-steps.ts'
import { sortNames } from '../../../src/views/graph/topology.ts'
import { atOnce } from '../../../src/views/steps.ts'

/** Numbers told apart by where they stood. */
const items = (seed: number, length: number) => Array.from({ length }, (_, at) => ({ rank: (at * (2 * seed + 1)) % 997, at }))
const byRank = (a: { rank: number }, b: { rank: number }) => a.rank - b.rank

describe('sorting in steps', () => {
  it('sorts as a sort in one go does, equals in the order given, whatever the length', () => {
    fc.assert(fc.property(fc.nat(10_000), fc.integer({ min: 0, max: 20_000 }), (seed, length) => {
      const given = items(seed, length)
      expect(atOnce(sortInSteps(given, byRank))).toEqual(given.toSorted(byRank))
    }), { numRuns: 20 })
  })

  it('lets others work after a bounded number of comparisons, however long the list', () => {
    const counts: number[] = []
    let compared = 0
    const steps = sortInSteps(items(7, 100_000), (a, b) => {
      compared++
      return byRank(a, b)
    })
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      counts.push(compared)
      compared = 0
    }
    expect(counts.length).toBeGreaterThan(100)
    expect(Math.max(...counts)).toBeLessThanOrEqual(4_096 * 12)
  })

  it('takes a namespace of more names than a call has room for arguments', () => {
    const names = new NameTable()
    for (let number = 200_000; number > 0; number--) names.refer('shop', `client-${String(number).padStart(6, '0')}`)
    const { nodes, order, nodeOf } = atOnce(sortNames(names, []))
    expect(nodes).toHaveLength(200_000)
    expect([nodes[0]?.service, nodes.at(-1)?.service]).toEqual(['client-000001', 'client-200000'])
    expect([order[0], nodeOf[199_999]]).toEqual([199_999, 0])
  })
})
