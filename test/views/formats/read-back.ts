import { parse as parseDotText } from '@ts-graphviz/ast'
import { DirectedGraph } from 'graphology'
import { parse as parseGraphmlText } from 'graphology-graphml/node/index.js'

// Each format as an independent reader has it: as a graph of nodes with `namespace/service` for a key.

/** A graph's nodes and edges by name, sorted. */
export interface Named {
  nodes: string[]
  edges: string[]
}

export function namedOf(graph: DirectedGraph): Named {
  return {
    nodes: graph.nodes().toSorted(), edges: graph.edges().map(edge => `${graph.source(edge)} -> ${graph.target(edge)}`).toSorted(),
  }
}

interface DotPart {
  type: string
  children: readonly DotPart[]
  id?: { value: string }
  key?: { value: string }
  value?: { value: string }
  targets?: readonly { id: { value: string } }[]
}

/** By ts-graphviz, which leaves escStrings as they are. */
export function readDot(text: string): Named {
  const [graph] = (parseDotText(text) as unknown as DotPart).children
  const labels = new Map<string, string>()
  const read = new DirectedGraph({ allowSelfLoops: true })
  for (const part of graph?.children ?? []) {
    const label = part.children?.find(({ key }) => key?.value === 'label')?.value?.value ?? ''
    if (part.type === 'Node') labels.set(part.id?.value ?? '', escString(label))
    if (part.type === 'Node') read.addNode(escString(label))
    const [source, target] = (part.targets ?? []).map(({ id }) => labels.get(id.value))
    if (part.type === 'Edge') read.addDirectedEdge(source, target)
  }
  return namedOf(read)
}

const escapes: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r' }

function escString(text: string): string {
  return text.replaceAll(/\\[\\nr]/g, found => escapes[found] ?? found)
}

/** By graphology-graphml. */
export function readGraphml(text: string): Named {
  const graph = parseGraphmlText(DirectedGraph, text, { addMissingNodes: false })
  const read = new DirectedGraph({ allowSelfLoops: true })
  const nameOf = (node: string) => `${graph.getNodeAttribute(node, 'namespace')}/${graph.getNodeAttribute(node, 'service')}`
  graph.forEachNode(node => { read.addNode(nameOf(node)) })
  for (const edge of graph.edges()) read.addDirectedEdge(nameOf(graph.source(edge)), nameOf(graph.target(edge)))
  return namedOf(read)
}

/** By Mermaid's grammar of a flowchart, as far as we write it, and its entity codes. */
export function readMermaid(text: string): Named {
  const [head, ...lines] = text.trimEnd().split('\n')
  if (head !== 'flowchart LR') throw new Error(`not a flowchart: ${head}`)
  const labels = new Map<string, string>()
  const read = new DirectedGraph({ allowSelfLoops: true })
  for (const line of lines) {
    const [, node, label] = /^ {2}(n\d+)\["([^"]*)"\]$/.exec(line) ?? []
    const [, source, target] = /^ {2}(n\d+) (?:-->|-\.->) (n\d+)$/.exec(line) ?? []
    if (node !== undefined && label !== undefined) {
      const name = label.replaceAll(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
      labels.set(node, name)
      read.addNode(name)
    } else if (source !== undefined && target !== undefined) read.addDirectedEdge(labels.get(source), labels.get(target))
    else throw new Error(`no line of a flowchart: ${line}`)
  }
  return namedOf(read)
}

interface Elements {
  elements: { nodes: { data: { id: string; label: string } }[]; edges: { data: { source: string; target: string } }[] }
}

export function readCytoscape(text: string): Named {
  const { elements: { nodes, edges } } = JSON.parse(text) as Elements
  const labels = new Map(nodes.map(({ data }) => [data.id, data.label]))
  const read = new DirectedGraph({ allowSelfLoops: true })
  for (const label of labels.values()) read.addNode(label)
  for (const { data } of edges) read.addDirectedEdge(labels.get(data.source), labels.get(data.target))
  return namedOf(read)
}

interface Json {
  nodes: { namespace: string; service: string }[]
  edges: { clientNamespace: string; client: string; namespace: string; service: string }[]
}

export function readJson(text: string): Named {
  const { nodes, edges } = JSON.parse(text) as Json
  const read = new DirectedGraph({ allowSelfLoops: true })
  for (const { namespace, service } of nodes) read.addNode(`${namespace}/${service}`)
  for (const { clientNamespace, client, namespace, service } of edges) read.addDirectedEdge(`${clientNamespace}/${client}`, `${namespace}/${service}`)
  return namedOf(read)
}
