import { nodeId } from '../graph/node-reader.ts'
import type { GraphPage } from './graph-text.ts'

/** Elements as Cytoscape.js takes them (js.cytoscape.org, notation of elements). Ids are `namespace/service`, each percent-encoded. */
export function* writeCytoscape({ nodes, edges, next }: GraphPage): Generator<string, void, undefined> {
  yield '{"elements":{"nodes":['
  let separator = '\n'
  for (const node of nodes) {
    yield separator + JSON.stringify({ data: { id: nodeId(node), label: `${node.namespace}/${node.service}`, ...node } })
    separator = ',\n'
  }
  yield '],"edges":['
  separator = '\n'
  for (const edge of edges) {
    const [source, target] = [nodeId({ namespace: edge.clientNamespace, service: edge.client }), nodeId(edge)]
    yield separator + JSON.stringify({ data: { id: `${source}>${target}`, source, target, ...edge } })
    separator = ',\n'
  }
  yield next === undefined ? ']}}' : `]},"next":${JSON.stringify(next)}}`
}
