import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyState, remove } from '../../../src/core/state.ts'
import { fold } from '../../../src/core/fold.ts'
import { FactReader } from '../../../src/views/graph/edge-facts.ts'
import { GraphIndex } from '../../../src/views/graph/graph-index.ts'
import { atOnce } from '../../../src/views/steps.ts'
import { LoggedShards, readingAt, readingOf } from '../map-of.ts'
import { lookup, MINUTE, registration, SECOND, shardOf, T0, type Appended, type FoldedShard } from '../shards.ts'

/** A shard that goes on: it can be folded into, and cells can be taken out of it. */
class GrowingShard {
  readonly shard: string
  readonly state = emptyState(0)
  time = T0

  constructor(shard: string) {
    this.shard = shard
  }

  fold({ kind, event, at }: Appended): void {
    fold(this.state, { kind, event }, { offset: this.state.next, appendTime: at })
    this.time = Math.max(this.time, at)
  }

  remove(index: number): void {
    const cell = [...this.state.cells.edge.values()][index]
    if (cell !== undefined) remove(this.state, cell)
  }

  /** As it now is, for who begins anew. */
  get folded(): FoldedShard {
    return { shard: this.shard, state: this.state, cells: this.state.cells, time: this.time, retention: this.state.retention }
  }
}

function told({ snapshot, facts, nodes, edges }: ReturnType<typeof readingAt>) {
  const { topology } = snapshot
  return {
    nodes: topology.nodes.map((_, node) => nodes.node(node)),
    edges: [...topology.clients.keys()].map(edge => ({ ...edges.edge(edge), facts: { ...facts.of(edge) } })),
    inward: topology.nodes.map((_, node) => [...topology.inEdges.subarray(topology.inStart[node], topology.inStart[node + 1])].map(edge =>
      topology.nodes[topology.clients[edge] as number]?.service)),
  }
}

describe('the index', () => {
  it('after any changes is as one that is made anew', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const change = fc.oneof(
      fc.record({
        client: name, service: name, namespace: fc.constantFrom('x', 'y'), shard: fc.integer({ min: 0, max: 1 }),
        after: fc.integer({ min: 0, max: 4 * MINUTE }), weight: fc.integer({ min: 1, max: 9 }), outcome: fc.constantFrom('SUCCESS', 'FAILURE'),
      }),
      fc.record({ remove: fc.integer({ min: 0, max: 4 }), shard: fc.integer({ min: 0, max: 1 }) }),
      fc.record({ register: name, version: fc.constantFrom('1', '2'), shard: fc.integer({ min: 0, max: 1 }) }),
      fc.constant('look' as const),
    )
    fc.assert(fc.property(fc.array(change, { maxLength: 25 }), changes => {
      const shards = [new GrowingShard('lookups-0'), new GrowingShard('lookups-1')]
      const logged = new LoggedShards()
      const index = new GraphIndex()
      const look = () => {
        for (const shard of shards) logged.write(shard)
        return atOnce(index.refresh(logged.numbered))
      }
      let at = T0
      for (const step of changes) {
        if (step === 'look') look()
        else if ('remove' in step) shards[step.shard]?.remove(step.remove)
        else if ('register' in step) {
          shards[step.shard]?.fold(registration({ service: step.register, instance: `${step.register}-1`, version: step.version }, at))
        } else {
          const { after, shard, ...fields } = step
          shards[shard]?.fold(lookup(fields, at += after))
        }
      }
      expect(told(readingAt(look(), at))).toEqual(told(readingOf(shards.map(({ folded }) => folded), at)))
    }))
  })

  it('knows of an edge, without decoding it, what its cell says', () => {
    const event = fc.record({ after: fc.integer({ min: 0, max: 7 * MINUTE }).map(after => after - after % SECOND), weight: fc.integer({ min: 1, max: 9 }),
      outcome: fc.constantFrom('SUCCESS', 'FAILURE'), shard: fc.integer({ min: 0, max: 1 }) })
    fc.assert(fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), fc.integer({ min: 0, max: 20 * MINUTE }), (events, later) => {
      let at = T0
      const halves: Appended[][] = [[], []]
      for (const { after, shard, ...fields } of events) halves[shard]?.push(lookup(fields, at += after))
      const now = at + later - later % SECOND
      const { facts, edges, snapshot } = readingOf(halves.map((half, index) => shardOf(half, { shard: `lookups-${index}` })), now)
      const [edge, known] = [edges.edge(0), { ...facts.of(0) }]
      expect(snapshot.topology.clients).toHaveLength(1)
      expect(facts.rate(known)).toBeCloseTo(edge?.ratePerSecond ?? Number.NaN, 5)
      expect(known.lookups > 0.001 ? known.failures / known.lookups : null).toSatisfy((ratio: number | null) =>
        ratio === null ? (edge?.ratePerSecond ?? 0) < 0.001 : Math.abs(ratio - (edge?.errorRatio ?? Number.NaN)) < 1e-4)
      expect([known.firstSeen, known.lastSeen]).toEqual([Date.parse(edge?.firstSeen ?? '') / 1_000, Date.parse(edge?.lastSeen ?? '') / 1_000])
      expect(facts.isActive(0)).toBe(edge?.active)
    }))
  })

  it('no longer has an edge that has expired, although its shard stands still', () => {
    const shard = shardOf([lookup({}), lookup({ client: 'mail' })])
    for (const cell of shard.state.cells.edge.values()) if (cell.client === 'mail') cell.expiresAt = T0 + MINUTE
    const logged = new LoggedShards([shard])
    const index = new GraphIndex()
    const clients = () => atOnce(index.refresh(logged.numbered)).topology.clients.length
    expect(clients()).toBe(2)
    logged.write({ ...shard, time: T0 + 2 * MINUTE })
    expect(clients()).toBe(1)
  })

  it('has the new edge, where one took the number of another between two looks', () => {
    const shard = new GrowingShard('lookups-0')
    shard.fold(lookup({}))
    const logged = new LoggedShards([shard.folded])
    const index = new GraphIndex()
    atOnce(index.refresh(logged.numbered))
    shard.remove(0)
    logged.write(shard)
    shard.fold(lookup({ client: 'another', service: 'there' }))
    logged.write(shard)
    expect(logged.numbered[0]?.edges.end).toBe(1)
    const { snapshot: { topology }, edges } = readingAt(atOnce(index.refresh(logged.numbered)), T0)
    expect([topology.nodes.map(({ service }) => service), edges.edge(0)?.client]).toEqual([['another', 'cart', 'there'], 'another']) // cart's look-ups are held
  })

  it('goes on showing what it was asked for, when the cell is gone by then, as nothing', () => {
    const shard = new GrowingShard('lookups-0')
    shard.fold(lookup({}))
    const logged = new LoggedShards([shard.folded])
    const reading = readingAt(atOnce(new GraphIndex().refresh(logged.numbered)), T0)
    shard.remove(0)
    logged.write(shard)
    expect(reading.edges.edge(0)).toBeNull()
    shard.fold(lookup({ client: 'another', service: 'there' })) // may get the same number
    logged.write(shard)
    expect(reading.edges.edge(0)).toBeNull()
  })

  it('names each edge once, whatever its facts are overwritten with', () => {
    const { snapshot } = readingOf([shardOf([lookup({}), lookup({ client: 'mail' })])], T0)
    const facts = new FactReader(snapshot, T0)
    expect([0, 1].map(edge => facts.of(edge).lookups)).toEqual([1, 1])
  })
})
