/** The answers of `/api/v1`, as far as this page reads them; `/api/openapi.json` describes them whole. Times are ISO 8601. */

export interface ServiceName {
  namespace: string
  service: string
}

export interface Rates {
  ratePerSecond: number
  /** Null: no look-ups. */
  errorRatio: number | null
}

export interface ServiceVersion {
  version: string
  instances: number
  firstSeen: string
  lastSeen: string
}

interface ServiceFacts extends ServiceName {
  /** False: stands for clients that did not say who they are. */
  known: boolean
  registered: boolean
  lookedUp: boolean
  /** Live instances by status. */
  instances: Readonly<Record<string, number>>
  versions: readonly ServiceVersion[]
  lastDeployment: string | null
}

export interface GraphNode extends ServiceFacts {
  lookups: Rates & { total: number; failures: number }
  dependencies: number
  dependents: number
  findings: readonly string[]
}

export interface GraphEdge extends ServiceName, Rates {
  clientNamespace: string
  client: string
  lookups: number
  failures: number
  cacheHitRatio: number | null
  p50Seconds: number | null
  p95Seconds: number | null
  p99Seconds: number | null
  firstSeen: string
  lastSeen: string | null
  active: boolean
}

export interface Graph {
  nodes: readonly GraphNode[]
  edges: readonly GraphEdge[]
  /** Null or absent: there is no more. */
  next?: string | null
}

export interface NamespaceNode {
  namespace: string
  services: number
  registered: number
  instances: Readonly<Record<string, number>>
  lookups: Rates
  findings: number
}

export interface NamespaceEdge extends Rates {
  clientNamespace: string
  namespace: string
  edges: number
  activeEdges: number
  firstSeen: string
  lastSeen: string | null
}

export interface NamespaceSummary {
  totals: { namespaces: number; services: number; edges: number; activeEdges: number; instances: number; ratePerSecond: number }
  nodes: readonly NamespaceNode[]
  edges: readonly NamespaceEdge[]
}

export interface Finding extends ServiceName {
  kind: string
  message: string
}

export interface Instance {
  instance: string
  status: string
  version: string
  zone: string
  address: string
  lastSeen: string
}

export interface ServiceDetail extends ServiceFacts {
  lookups: Rates & {
    total: number
    failures: number
    cacheHitRatio: number | null
    p50Seconds: number | null
    p95Seconds: number | null
    p99Seconds: number | null
  }
  dependencies: readonly GraphEdge[]
  dependents: readonly GraphEdge[]
  findings: readonly Finding[]
  liveInstances: readonly Instance[]
}
