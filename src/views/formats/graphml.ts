import { printable, NodeIds, type GraphPage } from './graph-text.ts'

const nodeKeys = { namespace: 'string', service: 'string', registered: 'boolean', lookedUp: 'boolean', instances: 'int', ratePerSecond: 'double' } as const
const edgeKeys = {
  lookups: 'long', failures: 'long', edgeRatePerSecond: 'double', errorRatio: 'double', cacheHitRatio: 'double', p50Seconds: 'double',
  p95Seconds: 'double', p99Seconds: 'double', firstSeen: 'string', lastSeen: 'string', active: 'boolean',
} as const

/** GraphML (graphml.graphdrawing.org). XML 1.0 has no way to write control characters: their pictures stand for them. */
export function* writeGraphml({ nodes, edges }: GraphPage): Generator<string, void, undefined> {
  const ids = new NodeIds()
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
  for (const [key, type] of Object.entries(nodeKeys)) yield `  <key id="${key}" for="node" attr.name="${key}" attr.type="${type}"/>\n`
  for (const [key, type] of Object.entries(edgeKeys)) yield `  <key id="${key}" for="edge" attr.name="${nameOf(key)}" attr.type="${type}"/>\n`
  yield '  <graph id="discovery" edgedefault="directed">\n'
  for (const { namespace, service, registered, lookedUp, instances, lookups } of nodes) {
    const live = Object.values(instances).reduce((sum, count) => sum + count, 0)
    const values = { namespace, service, registered, lookedUp, instances: live, ratePerSecond: lookups.ratePerSecond }
    yield `    <node id="${ids.of(namespace, service)}">${dataOf(values)}</node>\n`
  }
  let count = 0
  for (const { clientNamespace, client, namespace, service, ratePerSecond, ...rest } of edges) {
    const values = Object.entries({ ...rest, edgeRatePerSecond: ratePerSecond }).filter(([key]) => key in edgeKeys)
    const ends = `source="${ids.of(clientNamespace, client)}" target="${ids.of(namespace, service)}"`
    yield `    <edge id="e${count++}" ${ends}>${dataOf(Object.fromEntries(values))}</edge>\n`
  }
  yield '  </graph>\n</graphml>\n'
}

/** Nodes have a rate, too, and keys are told apart by their ids alone. */
function nameOf(key: string): string {
  return key === 'edgeRatePerSecond' ? 'ratePerSecond' : key
}

/** What is null is left out. */
function dataOf(values: Record<string, unknown>): string {
  return Object.entries(values).map(([key, value]) => (value === null ? '' : `<data key="${key}">${escaped(typeof value === 'string' ? value : JSON.stringify(value))}</data>`)).join('')
}

/** A bare carriage return would be read as a line feed. */
function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\r', '&#13;')
}
