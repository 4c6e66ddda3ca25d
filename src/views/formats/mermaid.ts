import { NodeIds, type GraphPage } from './graph-text.ts'

/**
 * A Mermaid flowchart (mermaid.js.org/syntax/flowchart.html). Whatever is no letter, digit or plain mark is written as an entity code
 * (`#34;`). Mermaid itself draws no more than 500 edges unless told to (`maxEdges`).
 */
export function* writeMermaid({ nodes, edges }: GraphPage): Generator<string, void, undefined> {
  const ids = new NodeIds()
  yield 'flowchart LR\n'
  for (const { namespace, service } of nodes) yield `  ${ids.of(namespace, service)}["${escaped(`${namespace}/${service}`)}"]\n`
  for (const { clientNamespace, client, namespace, service, active } of edges) {
    yield `  ${ids.of(clientNamespace, client)} ${active ? '-->' : '-.->'} ${ids.of(namespace, service)}\n`
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}/._ -]/gu, found => `#${found.codePointAt(0)};`)
}
