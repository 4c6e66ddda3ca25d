import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { graphWriters, type GraphFormat } from '../../../src/views/formats/formats.ts'
import { printable } from '../../../src/views/formats/graph-text.ts'
import type { Graph } from '../../../src/views/formats/json.ts'
import { graphOf } from '../map-of.ts'
import { lookup, shardOf, T0 } from '../shards.ts'
import { readCytoscape, readDot, readGraphml, readJson, readMermaid, type Named } from './read-back.ts'

const readers: Record<GraphFormat, (text: string) => Named> = {
  json: readJson, dot: readDot, mermaid: readMermaid, graphml: readGraphml, cytoscape: readCytoscape,
}
/** These have no way to write control characters. */
const ofPictures = new Set<GraphFormat>(['dot', 'graphml'])

function written(format: GraphFormat, graph: Graph): string {
  return [...graphWriters[format].write(graph)].join('')
}

/** Any UTF-8 text, and those characters that formats give a meaning to. */
const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\r', '\t', '<', '>', '&', '#', ';', '`', ']', '/', '%', '\'', '{', '\0', '\u2028', '\u2029', 'n', 'a', ' '), minLength: 1, maxLength: 8 }),
)
const edges = fc.array(fc.record({ clientNamespace: name, client: name, namespace: name, service: name }), { maxLength: 8 })

describe.each(Object.keys(readers) as GraphFormat[])('a graph as %s', format => {
  it('is read back whole by an independent reader, whatever its names are', () => {
    fc.assert(fc.property(edges, fields => {
      const graph = graphOf([shardOf(fields.map(each => lookup(each)))], T0)
      const shown = (text: string) => (ofPictures.has(format) ? printable(text) : text)
      const nodeName = (namespace: string, service: string) => shown(`${namespace}/${service}`)
      const expected = {
        nodes: graph.nodes.map(({ namespace, service }) => nodeName(namespace, service)).toSorted(),
        edges: graph.edges.map(edge => `${nodeName(edge.clientNamespace, edge.client)} -> ${nodeName(edge.namespace, edge.service)}`).toSorted(),
      }
      fc.pre(new Set(expected.nodes).size === expected.nodes.length) // 'a/b' of c is no other than b of 'a/c' to the readers' keys
      expect(readers[format](written(format, graph))).toEqual(expected)
    }))
  })
})

describe('a graph', () => {
  const graph = graphOf([shardOf([lookup({ client: 'a"b\\' }), lookup({ outcome: 'FAILURE', client: '<&>' })])], T0)

  it('in DOT shows what fails, and what nobody registers', () => {
    expect(written('dot', graph)).toBe([
      'digraph discovery {', '  rankdir=LR', '  node [shape=box]',
      '  n0 [label="shop/<&>", namespace="shop", service="<&>", style=dashed]',
      '  n1 [label="shop/a\\"b\\\\", namespace="shop", service="a\\"b\\\\", style=dashed]',
      '  n2 [label="shop/cart", namespace="shop", service="cart", style=dashed]',
      '  n0 -> n2 [label="0.100/s", color=red]', '  n1 -> n2 [label="0.100/s"]', '}', '',
    ].join('\n'))
  })

  it('in Mermaid has nothing in its names that Mermaid would read', () => {
    expect(written('mermaid', graph)).toBe([
      'flowchart LR', '  n0["shop/#60;#38;#62;"]', '  n1["shop/a#34;b#92;"]', '  n2["shop/cart"]', '  n0 --> n2', '  n1 --> n2', '',
    ].join('\n'))
  })

  it('in GraphML has all that is known of an edge', () => {
    const text = written('graphml', graph)
    expect(text).toContain('<data key="service">&lt;&amp;&gt;</data>')
    expect(text).toContain('<edge id="e0" source="n0" target="n2"><data key="lookups">1</data><data key="failures">1</data><data key="errorRatio">1</data>')
  })

  it('for Cytoscape has ids that are names, percent-encoded', () => {
    const { elements } = JSON.parse(written('cytoscape', graph)) as { elements: { edges: { data: { id: string } }[] } }
    expect(elements.edges.map(({ data }) => data.id)).toEqual(['shop/%3C%26%3E>shop/cart', 'shop/a%22b%5C>shop/cart'])
  })
})
