import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layOut, placeNew, type LayoutNode, type Position } from '../../src/page/layout.ts'

const card = (id: string): LayoutNode => ({ id, width: 120, height: 50 })
const edge = (source: string, target: string) => ({ source, target })

function order(positions: ReadonlyMap<string, Position>, axis: 'x' | 'y'): string[] {
  return [...positions].toSorted(([, p], [, q]) => p[axis] - q[axis]).map(([id]) => id)
}

function overlaps(positions: ReadonlyMap<string, Position>): string[] {
  const all = [...positions]
  return all.flatMap(([a, p], index) => all.slice(index + 1).flatMap(([b, q]) =>
    Math.abs(p.x - q.x) < 120 && Math.abs(p.y - q.y) < 50 ? [`${a} and ${b}`] : []))
}

const graphs = fc.integer({ min: 1, max: 14 }).chain(count => fc.record({
  nodes: fc.constant(Array.from({ length: count }, (_, index) => card(`n${index}`))),
  edges: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)).map(([a, b]) => edge(`n${a}`, `n${b}`)), { maxLength: 40 }),
}))

describe('the layout', () => {
  it('goes from who looks up to whom: left to right, or down where there is more height', () => {
    const [nodes, edges] = [[card('c'), card('b'), card('a')], [edge('a', 'b'), edge('b', 'c')]]
    expect(order(layOut(nodes, edges), 'x')).toEqual(['a', 'b', 'c'])
    expect(order(layOut(nodes, edges, { width: 400, height: 800 }), 'y')).toEqual(['a', 'b', 'c'])
  })

  it('places every node, cycles, loops and loners too, and none on another', () => {
    fc.assert(fc.property(graphs, ({ nodes, edges }) => {
      const positions = layOut(nodes, edges)
      expect([...positions.keys()].toSorted()).toEqual(nodes.map(({ id }) => id).toSorted())
      expect(overlaps(positions)).toEqual([])
    }), { numRuns: 50 })
  })

  it('puts into rows what could not be read in layers: a hub with a hundred clients', () => {
    const clients = Array.from({ length: 100 }, (_, index) => card(`c${index}`))
    const positions = [...layOut([card('hub'), ...clients], clients.map(({ id }) => edge(id, 'hub'))).values()]
    const [wide, high] = (['x', 'y'] as const).map(axis => Math.max(...positions.map(position => position[axis])))
    expect((wide ?? 0) / (high ?? 1)).toBeGreaterThan(1)
    expect((wide ?? 0) / (high ?? 1)).toBeLessThan(3)
  })

  it('is the same for the same map', () => {
    fc.assert(fc.property(graphs, ({ nodes, edges }) => { expect(layOut(nodes, edges)).toEqual(layOut(nodes, edges)) }), { numRuns: 20 })
  })
})

describe('a node that is new on a map that stands', () => {
  it('moves nothing, is put on nothing, and lies near whom it is linked with', () => {
    fc.assert(fc.property(graphs, fc.nat(13), ({ nodes, edges }, neighbour) => {
      const standing = layOut(nodes, edges)
      const near = `n${neighbour % nodes.length}`
      const placed = placeNew([card('new')], standing, [...edges, edge(near, 'new')])
      expect(new Map([...placed].filter(([id]) => id !== 'new'))).toEqual(standing)
      expect(overlaps(placed)).toEqual([])
      const [at, by] = [placed.get('new'), standing.get(near)]
      expect(Math.hypot((at?.x ?? 1e9) - (by?.x ?? 0), (at?.y ?? 1e9) - (by?.y ?? 0))).toBeLessThan(120 * 8)
    }), { numRuns: 50 })
  })

  it('is put below all others where it is linked with none', () => {
    const placed = placeNew([card('new')], new Map([['a', { x: 0, y: 30 }]]), [])
    expect(placed.get('new')?.y).toBeGreaterThan(50)
  })
})
