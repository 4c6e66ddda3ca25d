import { describe, expect, it } from 'vitest'
import { emptyState, remove } from '../../../src/core/state.ts'
import { changesOf, type Change, type ChangesQuery } from '../../../src/views/graph/changes.ts'
import { diffOf } from '../../../src/views/graph/diff.ts'
import { GraphIndex } from '../../../src/views/graph/graph-index.ts'
import { atOnce } from '../../../src/views/steps.ts'
import { LoggedShards, readingAt, readingOf } from '../map-of.ts'
import { lookup, MINUTE, registration, SECOND, shardOf, T0, type Appended } from '../shards.ts'

function changes(events: readonly Appended[], query: Partial<ChangesQuery> & { until: number }): string[] {
  const reading = readingOf([shardOf(events, { atEnd: query.until })], query.until)
  return atOnce(changesOf(reading.snapshot, reading, { since: T0 - 1, limit: 100, ...query })).changes.map(brief)
}

function brief({ kind, at, client, service, version }: Change): string {
  return [kind, `+${(Date.parse(at) - T0) / SECOND}`, ...(client === undefined ? [] : [`${client} ->`]), service, ...(version ?? '' ? [version] : [])].join(' ')
}

function names(all: readonly { service: string; client?: string }[]): string[] {
  return all.map(({ client, service }) => client ?? service)
}

describe('changes', () => {
  it('are that edges and services appear', () => {
    expect(changes([lookup({}), lookup({ client: 'mail' }, T0 + 90 * SECOND)], { until: T0 + 2 * MINUTE }).toSorted()).toEqual([
      'edge_appeared +0 web -> cart', 'edge_appeared +90 mail -> cart', 'service_appeared +0 cart', 'service_appeared +0 web',
      'service_appeared +90 mail',
    ])
  })

  it('are told once, after a time and up to another, oldest first', () => {
    const events = [lookup({}), lookup({}, T0 + MINUTE), lookup({ client: 'mail' }, T0 + 90 * SECOND)]
    const span = { since: T0, until: T0 + 90 * SECOND }
    expect(changes(events, span)).toEqual(['edge_appeared +90 mail -> cart', 'service_appeared +90 mail'])
    expect(changes(events, { ...span, since: T0 + 90 * SECOND, until: T0 + 2 * MINUTE })).toEqual([])
  })

  it('are that an edge is idle, a quarter of an hour after its last look-up', () => {
    expect(changes([lookup({})], { since: T0 + MINUTE, until: T0 + 16 * MINUTE })).toEqual(['edge_idle +900 web -> cart'])
    expect(changes([lookup({})], { since: T0 + MINUTE, until: T0 + 15 * MINUTE - 1 })).toEqual([])
  })

  it('are that a service gets a new version, and loses its last instance: by its word, or by its lease', () => {
    const events = [
      registration({ version: '1' }), registration({ version: '2' }, T0 + MINUTE),
      registration({ operation: 'DEREGISTER' }, T0 + 2 * MINUTE),
      registration({ service: 'mail', instance: 'm', leaseMillis: 30_000 }, T0 + 2 * MINUTE),
    ]
    expect(changes(events, { since: T0 + 1, until: T0 + 5 * MINUTE })).toEqual([
      'service_new_version +60 cart 2', 'service_lost_last_instance +120 cart', 'service_appeared +120 mail', 'service_lost_last_instance +150 mail',
    ])
  })

  it('are no more than asked for, the newest, and of one kind or namespace if need be', () => {
    const events = ['a', 'b', 'c'].map((client, index) => lookup({ client, clientNamespace: client }, T0 + index * MINUTE))
    const until = T0 + 5 * MINUTE
    expect(changes(events, { until, kind: 'edge_appeared', limit: 2 })).toEqual(['edge_appeared +60 b -> cart', 'edge_appeared +120 c -> cart'])
    expect(changes(events, { until, namespace: 'b' })).toEqual(['edge_appeared +60 b -> cart', 'service_appeared +60 b'])
  })

  it('are that an edge is gone, unless another shard has it', () => {
    const states = ['lookups-0', 'lookups-1'].map(shard => shardOf([lookup({})], { shard }))
    const logged = new LoggedShards(states)
    const index = new GraphIndex()
    atOnce(index.refresh(logged.numbered))
    const goneAfter = (shard: number) => {
      const state = states[shard]?.state ?? emptyState(0)
      for (const cell of state.cells.edge.values()) remove(state, cell)
      logged.write({ shard: `lookups-${shard}`, state, time: T0 + MINUTE })
      const reading = readingAt(atOnce(index.refresh(logged.numbered)), T0 + MINUTE)
      const query = { since: T0, until: T0 + MINUTE, limit: 10 }
      return atOnce(changesOf(reading.snapshot, reading, query)).changes.filter(({ kind }) => kind === 'edge_gone').map(brief)
    }
    expect(goneAfter(0)).toEqual([])
    expect(new Set(goneAfter(1))).toEqual(new Set(['edge_gone +60 web -> cart']))
  })
})

describe('a difference', () => {
  const events = [
    lookup({ client: 'old' }), lookup({}), lookup({}, T0 + 30 * MINUTE), lookup({ client: 'young' }, T0 + 20 * MINUTE),
    registration({ service: 'kept' }), registration({ service: 'ended', instance: 'e' }), registration({ service: 'ended', instance: 'e', operation: 'DEREGISTER' }, T0 + 10 * MINUTE),
  ]
  const diff = (from: number, to: number, namespace?: string) => {
    const reading = readingOf([shardOf(events)], T0 + 30 * MINUTE)
    const { edges, services, truncated } = atOnce(diffOf(reading.snapshot, reading, { from, to, namespace }))
    return {
      added: names(edges.added), removed: names(edges.removed), came: names(services.added), went: names(services.removed), truncated,
    }
  }

  it('is what was there at one time and not at the other', () => {
    expect(diff(T0 + MINUTE, T0 + 30 * MINUTE)).toEqual({
      added: ['young'], removed: ['old'], came: ['young'], went: ['ended', 'old'], truncated: false,
    })
  })

  it('is everything, from a time before all', () => {
    expect(diff(T0 - MINUTE, T0 + MINUTE)).toEqual({
      added: ['old', 'web'], removed: [], came: ['cart', 'ended', 'kept', 'old', 'web'], went: [], truncated: false,
    })
  })

  it('is nothing between a time and itself, or in a namespace that has none', () => {
    expect(diff(T0 + MINUTE, T0 + MINUTE)).toEqual({ added: [], removed: [], came: [], went: [], truncated: false })
    expect(diff(T0 - MINUTE, T0, 'bank')).toEqual({ added: [], removed: [], came: [], went: [], truncated: false })
  })
})
