import type { GraphEdge, GraphNode, NamespaceEdge, NamespaceNode, ServiceName } from './api-types.ts'
import { MOST_DEPENDENCIES, MOST_SERVICES, type Loaded } from './load.ts'
import { countOf, rateText, ratioText, secondsText, timeOf } from './units.ts'
import { nameText, type ViewState } from './view-state.ts'
import type { Measured } from './shades.ts'

/** A service, a namespace that stands for its services, or those who did not say who they are. */
export interface MapNode extends Measured {
  id: string
  kind: 'service' | 'namespace' | 'unknown'
  namespace: string
  /** Empty for a namespace. */
  service: string
  name: string
  ratePerSecond: number
  /** Live instances, and those of them that pass their checks. */
  instances: number
  passing: number
  registered: boolean
  /** Services of a namespace; 1 of a service. */
  services: number
  findings: readonly string[]
  /** Nobody has looked along its dependencies for fifteen minutes. */
  idle: boolean
  /** When something last became other than it was, in milliseconds since the epoch; 0: not known. */
  changedAt: number
}

export interface MapEdge extends Measured {
  id: string
  source: string
  target: string
  ratePerSecond: number
  idle: boolean
  changedAt: number
  /** In milliseconds since the epoch; 0: it is only declared. */
  lastSeen: number
  /** Dependencies that it stands for. */
  count: number
}

export interface MapModel {
  /** All that was asked for, the busiest first; namespaces around the one that is looked at last. */
  nodes: readonly MapNode[]
  edges: readonly MapEdge[]
  /** What the picture has room for; who looks up itself is told in the tables. */
  drawn: { nodes: readonly MapNode[]; edges: readonly MapEdge[] }
  /** Of namespaces, because there are too many services. */
  isSummary: boolean
  /** There is more than was asked for. */
  hasMore: boolean
}

export function modelOf({ summary, graph }: Loaded, { namespace, selected }: Pick<ViewState, 'namespace' | 'selected'>): MapModel {
  const parts = graph === null ? summaryParts(summary.nodes, summary.edges) : graphParts(graph.nodes, graph.edges, namespace)
  const isStranger = ({ kind }: MapNode) => Number(graph !== null && kind === 'namespace')
  const nodes = parts.nodes.toSorted((a, b) => isStranger(a) - isStranger(b) || b.ratePerSecond - a.ratePerSecond || (a.id < b.id ? -1 : 1))
  const edges = parts.edges.toSorted((a, b) => b.ratePerSecond - a.ratePerSecond || (a.id < b.id ? -1 : 1))
  const kept = selected === null ? '' : nameText(selected)
  return { nodes, edges, drawn: busiest(nodes, edges, kept), isSummary: graph === null, hasMore: Boolean(graph?.next) }
}

/** Lines for each node, where there are more than can be drawn: fewer say more. */
const DENSE_LINES = 2

function busiest(nodes: readonly MapNode[], edges: readonly MapEdge[], kept: string): MapModel['drawn'] {
  const first = nodes.slice(0, MOST_SERVICES)
  const last = nodes.slice(MOST_SERVICES).find(({ id }) => id === kept)
  const drawn = last === undefined ? first : [...first.slice(0, -1), last]
  const ids = new Set(drawn.map(({ id }) => id))
  const lines = edges.filter(({ source, target }) => source !== target && ids.has(source) && ids.has(target))
  const isDense = lines.length > MOST_DEPENDENCIES
  return { nodes: drawn, edges: lines.slice(0, isDense ? Math.min(MOST_DEPENDENCIES, drawn.length * DENSE_LINES) : MOST_DEPENDENCIES) }
}

export function namespaceId(namespace: string): string {
  return `${encodeURIComponent(namespace)}/`
}

function summaryParts(nodes: readonly NamespaceNode[], edges: readonly NamespaceEdge[]) {
  return { nodes: nodes.map(namespaceNode), edges: edges.map(namespaceEdge) }
}

function namespaceNode({ namespace, services, instances, lookups, findings, registered }: NamespaceNode): MapNode {
  return {
    id: namespaceId(namespace), kind: 'namespace', namespace, service: '', name: namespace, ...lookups, p95Seconds: null, services,
    ...health(instances), registered: registered > 0, findings: findings === 0 ? [] : [countOf(findings, 'finding')], idle: false, changedAt: 0,
  }
}

function namespaceEdge({ clientNamespace, namespace, edges, activeEdges, ratePerSecond, errorRatio, ...times }: NamespaceEdge): MapEdge {
  const [source, target] = [namespaceId(clientNamespace), namespaceId(namespace)]
  return {
    id: `${source}>${target}`, source, target, ratePerSecond, errorRatio, p95Seconds: null, idle: activeEdges === 0, count: edges,
    changedAt: Date.parse(times.firstSeen), lastSeen: timeOf(times.lastSeen),
  }
}

/** Where that makes a map readable, other namespaces are drawn as one node each. */
const MOST_STRANGERS = 30

function graphParts(nodes: readonly GraphNode[], edges: readonly GraphEdge[], namespace: string | null) {
  const strangers = namespace === null ? 0 : nodes.filter(node => node.namespace !== namespace).length
  const folds = ({ namespace: other }: ServiceName) => strangers > MOST_STRANGERS && other !== namespace
  const idOf = (name: ServiceName) => folds(name) ? namespaceId(name.namespace) : nameText(name)
  const shown = new Map<string, MapEdge>()
  for (const edge of edges) {
    const source = idOf({ namespace: edge.clientNamespace, service: edge.client })
    const made = mapEdge(edge, source, idOf(edge))
    const known = shown.get(made.id)
    shown.set(made.id, known === undefined ? made : joined(known, made))
  }
  const mapped = new Map<string, MapNode>()
  for (const node of nodes) {
    const made = folds(node) ? strangerNode(node) : serviceNode(node)
    const known = mapped.get(made.id)
    mapped.set(made.id, known === undefined ? made : { ...known, services: known.services + 1, ratePerSecond: known.ratePerSecond + made.ratePerSecond })
  }
  const all = [...shown.values()]
  return { nodes: withEdges([...mapped.values()], all), edges: all }
}

function serviceNode(node: GraphNode): MapNode {
  const { namespace, service, known, registered, instances, lookups, findings, lastDeployment } = node
  const name = known ? service : 'unknown clients'
  return {
    id: nameText(node), kind: known ? 'service' : 'unknown', namespace, service, name, ratePerSecond: lookups.ratePerSecond,
    errorRatio: lookups.errorRatio, p95Seconds: null, services: 1, ...health(instances), registered, findings, idle: false,
    changedAt: timeOf(lastDeployment),
  }
}

function strangerNode({ namespace, lookups }: GraphNode): MapNode {
  return {
    id: namespaceId(namespace), kind: 'namespace', namespace, service: '', name: namespace, ratePerSecond: lookups.ratePerSecond,
    errorRatio: null, p95Seconds: null, services: 1, instances: 0, passing: 0, registered: true, findings: [], idle: false, changedAt: 0,
  }
}

function mapEdge(edge: GraphEdge, source: string, target: string): MapEdge {
  const { ratePerSecond, errorRatio, p95Seconds, firstSeen, lastSeen, active } = edge
  return {
    id: `${source}>${target}`, source, target, ratePerSecond, errorRatio, p95Seconds, idle: !active, count: 1,
    changedAt: Date.parse(firstSeen), lastSeen: timeOf(lastSeen),
  }
}

function joined(a: MapEdge, b: MapEdge): MapEdge {
  const rate = a.ratePerSecond + b.ratePerSecond
  const failed = (a.errorRatio ?? 0) * a.ratePerSecond + (b.errorRatio ?? 0) * b.ratePerSecond
  return {
    ...a, ratePerSecond: rate, errorRatio: rate > 0 ? failed / rate : null, p95Seconds: slowest([a, b]), idle: a.idle && b.idle,
    changedAt: Math.max(a.changedAt, b.changedAt), lastSeen: Math.max(a.lastSeen, b.lastSeen), count: a.count + b.count,
  }
}

/** What is known of nodes from their edges: a service is as slow as its slowest client sees it. */
function withEdges(nodes: readonly MapNode[], edges: readonly MapEdge[]): MapNode[] {
  const [incoming, all] = [new Map<string, MapEdge[]>(), new Map<string, MapEdge[]>()]
  for (const edge of edges) {
    push(incoming, edge.target, edge)
    push(all, edge.source, edge)
    push(all, edge.target, edge)
  }
  return nodes.map(node => {
    const own = all.get(node.id) ?? []
    return {
      ...node, p95Seconds: slowest(incoming.get(node.id) ?? []), idle: own.length > 0 && own.every(({ idle }) => idle),
      changedAt: Math.max(node.changedAt, node.kind === 'service' ? 0 : newest(own)),
    }
  })
}

function push(lists: Map<string, MapEdge[]>, key: string, edge: MapEdge): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [edge])
  else list.push(edge)
}

function slowest(edges: readonly MapEdge[]): number | null {
  return edges.reduce<number | null>((most, { p95Seconds }) => p95Seconds === null ? most : Math.max(most ?? 0, p95Seconds), null)
}

function newest(edges: readonly MapEdge[]): number {
  return edges.reduce((latest, { changedAt }) => Math.max(latest, changedAt), 0)
}

function health(instances: Readonly<Record<string, number>>): { instances: number; passing: number } {
  return { instances: Object.values(instances).reduce((sum, count) => sum + count, 0), passing: instances['passing'] ?? 0 }
}

/** The second line of a node: what it is coloured by, after how often it is looked up. */
export function factsText(node: MapNode, measure: 'errors' | 'latency'): string {
  const saysLittle = node.kind === 'namespace' && node.errorRatio === null
  if (node.ratePerSecond === 0 || saysLittle) return node.kind === 'namespace' ? countOf(node.services, 'service') : 'not looked up'
  const value = measure === 'errors' ? ratioText(node.errorRatio) : secondsText(node.p95Seconds)
  return node.kind === 'namespace' && measure === 'latency'
    ? `${countOf(node.services, 'service')} · ${rateText(node.ratePerSecond)}`
    : `${rateText(node.ratePerSecond)} · ${value}${measure === 'errors' && node.errorRatio !== null ? ' failed' : ''}`
}
