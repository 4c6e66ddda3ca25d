import * as fc from 'fast-check'
import { stronglyConnectedComponents } from 'graphology-components'
import { bidirectional } from 'graphology-shortest-path/unweighted.js'
import { bfsFromNode } from 'graphology-traversal'
import { describe, expect, it } from 'vitest'
import { componentsOf, cyclicComponents } from '../../../src/views/graph/algorithms/components.ts'
import { countDependents } from '../../../src/views/graph/algorithms/dependents.ts'
import { elementaryCycles } from '../../../src/views/graph/algorithms/elementary-cycles.ts'
import { reach } from '../../../src/views/graph/algorithms/reach.ts'
import { shortestPath } from '../../../src/views/graph/algorithms/shortest-path.ts'
import type { Topology } from '../../../src/views/graph/topology.ts'
import { atOnce } from '../../../src/views/steps.ts'
import { all, arbitraryEdges, graphologyOf, namesIn, topologyOf, type Edges } from '../random-graph.ts'

function sorted(groups: readonly (readonly string[])[]): string[][] {
  return groups.map(group => group.toSorted()).toSorted((a, b) => (String(a) < String(b) ? -1 : 1))
}

function cyclesOf(topology: Topology, limits = { limit: 10_000, maxLength: 50 }) {
  const components = atOnce(componentsOf(topology, all))
  const cyclic = atOnce(cyclicComponents(topology, components, all))
  return atOnce(elementaryCycles(topology, { components: cyclic, componentOf: components.componentOf, admits: all, ...limits }))
}

/** All elementary cycles by trying every path, each begun at its lowest node. */
function cyclesByForce({ nodes, clients, services }: Topology): string[] {
  const next = (node: number) => [...clients.keys()].filter(edge => clients[edge] === node).map(edge => services[edge] as number)
  const from = (path: number[]): number[][] => next(path.at(-1) as number).flatMap(other => {
    if (other === path[0]) return [path]
    return other > (path[0] as number) && !path.includes(other) ? from([...path, other]) : []
  })
  return nodes.flatMap((_, root) => from([root])).map(String)
}

describe('strongly connected components', () => {
  it('are those of graphology', () => {
    fc.assert(fc.property(arbitraryEdges, edges => {
      const topology = topologyOf(edges)
      const { componentOf, count } = atOnce(componentsOf(topology, all))
      const ours = Array.from({ length: count }, (_, component) =>
        namesIn(topology, [...componentOf.keys()].filter(node => componentOf[node] === component)))
      expect(sorted(ours)).toEqual(sorted(stronglyConnectedComponents(graphologyOf(edges))))
    }))
  })

  it('are numbered so that dependencies come first', () => {
    fc.assert(fc.property(arbitraryEdges, edges => {
      const topology = topologyOf(edges)
      const { componentOf } = atOnce(componentsOf(topology, all))
      for (const [edge, client] of topology.clients.entries()) {
        expect(componentOf[topology.services[edge] as number]).toBeLessThanOrEqual(componentOf[client] as number)
      }
    }))
  })

  it('are found along a chain of any length', () => {
    const chain: Edges = Array.from({ length: 20_000 }, (_, index) => [index, (index + 1) % 20_000] as const)
    const topology = topologyOf(chain)
    expect(atOnce(componentsOf(topology, all)).count).toBe(1)
  })

  it('keep to the edges that are admitted', () => {
    const topology = topologyOf([[0, 1], [1, 0]])
    expect(atOnce(componentsOf(topology, edge => edge === 0)).count).toBe(2)
  })
})

describe('elementary cycles', () => {
  it('are all there are, each once', () => {
    fc.assert(fc.property(arbitraryEdges.filter(edges => edges.length < 20), edges => {
      const topology = topologyOf(edges)
      const { cycles, truncated } = cyclesOf(topology)
      expect(truncated).toBe(false)
      expect(cycles.map(String).toSorted()).toEqual(cyclesByForce(topology).toSorted())
    }))
  })

  it('are as many as asked for at most, the shortest first, and it is said that there are more', () => {
    const everybody = Array.from({ length: 6 }, (_, client) => Array.from({ length: 6 }, (_other, service) => [client, service] as const)).flat()
    const { cycles, truncated } = cyclesOf(topologyOf(everybody), { limit: 10, maxLength: 50 })
    expect([cycles.map(({ length }) => length), truncated]).toEqual([[1, 1, 1, 1, 1, 1, 2, 2, 2, 2], true])
  })

  it('are looked for no longer than a bounded time, where paths are many and close seldom', () => {
    const layers = Array.from({ length: 24 }, (_, layer) => [[2 * layer, 2 * layer + 2], [2 * layer, 2 * layer + 3], [2 * layer + 1, 2 * layer + 2],
      [2 * layer + 1, 2 * layer + 3]] as const).flat()
    const { cycles, truncated } = cyclesOf(topologyOf([...layers, [48, 0], [49, 1]]), { limit: 10_000, maxLength: 50 })
    expect([cycles.length < 10_000, truncated]).toEqual([true, true])
  })
})

describe('what is reached', () => {
  it('is what graphology reaches, at the same depth, in either direction', () => {
    fc.assert(fc.property(arbitraryEdges, fc.constantFrom('dependencies', 'dependents'), (edges, direction) => {
      const topology = topologyOf(edges)
      const graph = graphologyOf(edges)
      for (const [root, name] of namesIn(topology, topology.nodes.keys()).entries()) {
        const { nodes, depths } = atOnce(reach(topology, { from: [root], direction, depth: Infinity, admits: all }))
        const theirs: [string, number][] = []
        const mode = direction === 'dependencies' ? 'outbound' : 'inbound'
        bfsFromNode(graph, name, (node, _, depth) => { theirs.push([node, depth]) }, { mode })
        expect(new Map(namesIn(topology, nodes).map((node, index) => [node, depths[index]]))).toEqual(new Map(theirs))
      }
    }))
  })

  it('goes no further than asked', () => {
    const topology = topologyOf([[0, 1], [1, 2], [2, 3]])
    const from = namesIn(topology, topology.nodes.keys()).indexOf('ns1/s1')
    const reached = (depth: number) => namesIn(topology, atOnce(reach(topology, { from: [from], direction: 'both', depth, admits: all })).nodes)
    expect(reached(1)).toEqual(['ns1/s1', 'ns2/s2', 'ns0/s0'])
    expect(reached(2)).toEqual(['ns1/s1', 'ns2/s2', 'ns0/s0', 'ns0/s3'])
  })
})

describe('a shortest path', () => {
  it('is as long as graphology’s, and is one', () => {
    fc.assert(fc.property(arbitraryEdges, edges => {
      const topology = topologyOf(edges)
      const graph = graphologyOf(edges)
      const names = namesIn(topology, topology.nodes.keys())
      for (const from of names.keys()) {
        for (const to of names.keys()) {
          const path = atOnce(shortestPath(topology, { from, to, admits: all }))
          const theirs = bidirectional(graph, names[from], names[to])
          expect(path === null ? null : path.length).toEqual(theirs === null ? null : theirs.length - 1)
          const nodes = [from, ...(path ?? []).map(edge => topology.services[edge])]
          expect((path ?? []).map(edge => topology.clients[edge])).toEqual(nodes.slice(0, -1))
        }
      }
    }), { numRuns: 30 })
  })
})

describe('the number of dependents', () => {
  it('is that of all nodes from which a node is reached, if there are enough', () => {
    fc.assert(fc.property(arbitraryEdges, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 30 }), (edges, more, atLeast) => {
      const many = [...edges, ...Array.from({ length: more }, (_, index) => [20 + index, index % 7] as const)] // more than the bits of a word
      const topology = topologyOf(many)
      const counts = atOnce(countDependents(topology, atOnce(componentsOf(topology, all)), { admits: all, atLeast }))
      const reached = topology.nodes.map((_, node) =>
        atOnce(reach(topology, { from: [node], direction: 'dependents', depth: Infinity, admits: all })).nodes.length - 1)
      expect([...counts]).toEqual(reached.map(count => (count >= atLeast ? count : 0)))
    }))
  })
})
