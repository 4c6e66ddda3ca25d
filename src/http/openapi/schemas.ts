type Schema = Record<string, unknown>

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
export const array = (items: Schema): Schema => ({ type: 'array', items })

const text = { type: 'string' }
const time = { type: 'string', format: 'date-time' }
const count = { type: 'integer', minimum: 0 }
const rate = { type: 'number', minimum: 0 }
const flag = { type: 'boolean' }
const ratio = { type: ['number', 'null'], minimum: 0, maximum: 1 }
const seconds = { type: ['number', 'null'], minimum: 0 }

/** An object of which all properties are there, but for those named as optional. */
export function object(properties: Record<string, Schema>, optional: readonly string[] = []): Schema {
  return { type: 'object', properties, required: Object.keys(properties).filter(name => !optional.includes(name)) }
}

const counts = (description: string): Schema => ({ type: 'object', additionalProperties: count, description })
const serviceName = { namespace: text, service: text }
const edgeName = { clientNamespace: text, client: text, ...serviceName }
const traffic = {
  ratePerSecond: { ...rate, description: 'Look-ups a second over five minutes.' }, errorRatio: { ...ratio, description: 'Null: no look-ups.' },
}
const fullTraffic = { ...traffic, cacheHitRatio: ratio, p50Seconds: seconds, p95Seconds: seconds, p99Seconds: seconds }
const findingKinds = array({ type: 'string' })
const next = { type: ['string', 'null'], description: 'Cursor of the next page; null: this is the last. Only there if a limit was given.' }

const statuses = counts('Live instances by status: unknown, starting, passing, warning, critical, maintenance, draining.')
const versions = array(ref('Version'))

const node = {
  ...serviceName,
  known: { ...flag, description: 'False: stands for clients that did not say who they are, or for all that had no room (`__overflow__`), were dropped or are counted as one.' },
  registered: { ...flag, description: 'Some agent has reported registrations of it.' },
  lookedUp: { ...flag, description: 'Somebody has looked it up.' },
  instances: statuses, versions,
  lastDeployment: { type: ['string', 'null'], format: 'date-time' },
  lookups: object({ total: count, failures: count, ...traffic }),
  dependencies: { ...count, description: 'How many services it looks up.' },
  dependents: { ...count, description: 'How many services look it up.' },
  findings: { ...findingKinds, description: 'Kinds of the findings about it.' },
}

const lastLookup = { type: ['string', 'null'], format: 'date-time', description: 'Null: declared, and never looked up.' }

const edge = {
  ...edgeName, lookups: count, failures: count, cache: counts('Look-ups by cache result, the unknown ones left out.'), ...fullTraffic,
  firstSeen: time, lastSeen: lastLookup, active: { ...flag, description: 'A look-up in the last fifteen minutes.' },
}

const graph = { windowSeconds: { const: 300 }, nodes: array(ref('GraphNode')), edges: array(ref('GraphEdge')), next }

export const graphSchemas: Record<string, Schema> = {
  Version: object({ version: text, instances: count, firstSeen: time, lastSeen: time }),
  GraphNode: object(node),
  GraphEdge: object(edge),
  Graph: object(graph, ['next']),
  ReachedNode: object({ ...node, depth: { ...count, description: 'How many edges it is away.' } }),
  Neighbours: object({
    ...serviceName, direction: { enum: ['dependencies', 'dependents'] }, transitive: flag, windowSeconds: { const: 300 },
    nodes: { ...array(ref('ReachedNode')), description: 'All that is reached, without the service itself: nearest first, or by name in pages.' },
    edges: { ...array(ref('GraphEdge')), description: 'All edges between those that are reached and the service.' }, next,
  }, ['next']),
  NamespaceSummary: object({
    windowSeconds: { const: 300 },
    totals: object({ namespaces: count, services: count, registered: count, instances: count, edges: count, activeEdges: count, ratePerSecond: rate }),
    nodes: array(object({
      namespace: text, services: count, registered: count, instances: statuses, lookups: object(traffic), findings: count,
    })),
    edges: array(object({
      clientNamespace: text, namespace: text, edges: count, activeEdges: count, ...traffic, firstSeen: time, lastSeen: lastLookup,
    })),
  }),
  Cycles: object({
    components: {
      ...array(array(ref('ServiceName'))),
      description: 'Strongly connected components: two or more services that all reach each other; or one that looks itself up. Largest first.',
    },
    cycles: { ...array(array(ref('ServiceName'))), description: 'Elementary cycles: each looks up the next, the last the first.' },
    truncated: { ...flag, description: 'There are more elementary cycles than are listed.' },
  }),
  Path: object({
    found: flag, nodes: { ...array(ref('ServiceName')), description: 'A shortest path, both ends included; empty if there is none.' },
    edges: array(ref('GraphEdge')),
  }),
  ServiceName: object(serviceName),
}

const change = object({
  kind: { enum: ['edge_appeared', 'edge_idle', 'edge_gone', 'service_appeared', 'service_lost_last_instance', 'service_new_version'] },
  at: time, ...serviceName,
  clientNamespace: { ...text, description: 'Of an edge.' }, client: { ...text, description: 'Of an edge.' },
  version: { ...text, description: 'Of a new version.' },
}, ['clientNamespace', 'client', 'version'])

const edgeRef = { ...edgeName, firstSeen: time, lastSeen: time }

export const changeSchemas: Record<string, Schema> = {
  Change: change,
  Changes: object({ since: time, until: time, changes: { ...array(ref('Change')), description: 'Oldest first.' }, truncated: flag }),
  EdgeSpan: object(edgeRef),
  Diff: object({
    from: time, to: time,
    edges: object({ added: array(ref('EdgeSpan')), removed: array(ref('EdgeSpan')) }),
    services: object({ added: array(ref('ServiceName')), removed: array(ref('ServiceName')) }),
    truncated: { ...flag, description: 'A list has more than the 10,000 items that are told.' },
  }),
  Finding: object({
    kind: { type: 'string' }, ...serviceName, message: { ...text, description: 'For people: what was found, and what to do.' },
    services: { ...array(ref('ServiceName')), description: 'Others that take part: of a cycle, of bypassed caches, of dependents (at most ten).' },
    value: { type: ['number', 'null'], description: 'How bad: services in the cycle, share of dependents, share of look-ups; null: there is no number.' },
  }),
  Findings: object({ at: time, counts: counts('How many of each kind there are.'), findings: array(ref('Finding')), next }, ['next']),
}

const service = { ...node }

export const serviceSchemas: Record<string, Schema> = {
  Services: object({ services: array(ref('GraphNode')), next }, ['next']),
  Instance: object({
    instance: text, status: text, version: text, zone: text, address: text, firstSeen: time, lastSeen: time,
    leaseEnds: { type: ['string', 'null'], format: 'date-time' },
  }),
  ServiceDetail: object({
    ...service, lookups: object({ total: count, failures: count, ...fullTraffic }), liveInstances: array(ref('Instance')),
    dependencies: { ...array(ref('GraphEdge')), description: 'Whom it looks up.' },
    dependents: { ...array(ref('GraphEdge')), description: 'Who looks it up.' },
    findings: { ...array(ref('Finding')), description: 'What was found about it.' },
  }),
}

export const cardinalitySchemas: Record<string, Schema> = {
  Cardinality: object({ families: array(ref('FamilyUse')), labels: array(ref('LabelUse')), dryRun: array(ref('DryRun')) }),
  FamilyUse: object({
    family: text, series: { ...count, description: 'That its cells come to at most.' },
    budget: { type: ['integer', 'null'], description: 'Series that there is room for; null: it has no budget.' },
    overflowed: { ...count, description: 'Events of which something had no room, ever.' },
    refused: { ...count, description: 'Different label values that had no room on the last day (UTC) with such ones: an estimate.' },
  }),
  LabelUse: object({ label: text, values: { ...count, description: 'How many it has.' }, top: array(object({ value: text, series: count })) }),
  DryRun: object({
    budget: text, total: count, within: { type: ['integer', 'null'] },
    apart: { ...count, description: 'What is counted apart now.' },
    overflowing: { ...count, description: 'Of these, what would have no room if all came anew; what is there now would stay.' },
  }),
}
