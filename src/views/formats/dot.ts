import { NodeIds, printable, type GraphPage } from './graph-text.ts'

/**
 * Graphviz' language (graphviz.org/doc/info/lang.html). Names are the labels and the attributes `namespace` and `service`; backslashes are
 * doubled, which escStrings such as labels take back, and which keeps a name's last backslash from the closing quote.
 */
export function* writeDot({ nodes, edges }: GraphPage): Generator<string, void, undefined> {
  const ids = new NodeIds()
  yield 'digraph discovery {\n  rankdir=LR\n  node [shape=box]\n'
  for (const { namespace, service, registered } of nodes) {
    const id = ids.of(namespace, service)
    const attributes = [`label=${quoted(`${namespace}/${service}`)}`, `namespace=${quoted(namespace)}`, `service=${quoted(service)}`]
    yield `  ${id} [${attributes.join(', ')}${registered ? '' : ', style=dashed'}]\n`
  }
  for (const { clientNamespace, client, namespace, service, ratePerSecond, errorRatio, active } of edges) {
    const attributes = [`label="${ratePerSecond.toPrecision(3)}/s"`, ...(errorRatio !== null && errorRatio > 0 ? ['color=red'] : [])]
    yield `  ${ids.of(clientNamespace, client)} -> ${ids.of(namespace, service)} [${attributes.join(', ')}${active ? '' : ', style=dotted'}]\n`
  }
  yield '}\n'
}

function quoted(text: string): string {
  return `"${printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\r', '\\r').replaceAll('\n', '\\n')}"`
}
