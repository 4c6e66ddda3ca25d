/** A parameter as OpenAPI 3.1 has it. */
export interface Parameter {
  name: string
  in: 'query' | 'path' | 'header'
  required?: boolean
  description: string
  schema: Record<string, unknown>
}

const query = (name: string, schema: Record<string, unknown>, description: string): Parameter => ({ name, in: 'query', description, schema })
const path = (name: string, description: string): Parameter =>
  ({ name, in: 'path', required: true, description, schema: { type: 'string', minLength: 1 } })

const flag = { type: 'string', enum: ['true', 'false'] }
const moment = {
  type: 'string', examples: ['2026-01-01T12:00:00.000Z', '15m'],
  description: 'A time in ISO 8601, or how long ago: a whole number with ms, s, m, h or d.',
}

export const namespacePath = path('namespace', 'Namespace of the service, percent-encoded.')
export const servicePath = path('service', 'Name of the service, percent-encoded.')

export const includeIdle = query('includeIdle', { ...flag, default: 'true' },
  'false: leaves out edges without a look-up for fifteen minutes.')
export const format = query('format', { type: 'string', enum: ['json', 'dot', 'mermaid', 'graphml', 'cytoscape'], default: 'json' },
  'How the graph is written.')
export const limit = query('limit', { type: 'integer', minimum: 1, maximum: 10_000 },
  'At most so many items; what is left is had with the cursor in `next`. Without it, all.')
export const cursor = query('cursor', { type: 'string' }, 'The `next` of the page before, with all other parameters as they were.')
export const namespace = query('namespace', { type: 'string' }, 'Only what this namespace takes part in.')
export const service = query('service', { type: 'string' },
  'Only what lies around the services of this name; of all namespaces unless one is given.')
const depth = query('depth', { type: 'integer', minimum: 1, maximum: 50 }, 'How many edges away from the service; 1 unless given.')

/** Of everything that answers with a part of the map. */
export const graphFilters: readonly Parameter[] = [
  namespace, service, depth,
  query('direction', { type: 'string', enum: ['both', 'dependencies', 'dependents'], default: 'both' },
    'Which way to go from the service: to whom it looks up, to who looks it up, or both.'),
  query('since', moment, 'Only edges with a look-up since then.'),
  query('minRate', { type: 'number', minimum: 0 }, 'Only edges with at least so many look-ups a second over five minutes.'),
  query('failing', { ...flag, default: 'false' }, 'true: only edges with a look-up that failed in the last five minutes.'),
  includeIdle,
]

export const graphParameters: readonly Parameter[] = [...graphFilters, limit, cursor, format]

export const neighbourParameters: readonly Parameter[] = [
  namespacePath, servicePath,
  query('transitive', { ...flag, default: 'false' }, 'true: all that is reached, with the number of edges to it: the blast radius.'),
  query('depth', { type: 'integer', minimum: 1, maximum: 50 }, 'With transitive=true: no further than so many edges; all unless given.'),
  includeIdle, limit, cursor, format,
]

export const cyclesParameters: readonly Parameter[] = [
  includeIdle,
  query('limit', { type: 'integer', minimum: 0, maximum: 10_000, default: 100 }, 'At most so many elementary cycles, the shortest first in each component.'),
  query('maxLength', { type: 'integer', minimum: 1, maximum: 50, default: 10 }, 'Only elementary cycles of at most so many edges.'),
]

const serviceRef = { type: 'string', pattern: '^[^/]+/[^/]+$', examples: ['shop/cart'] }
export const pathParameters: readonly Parameter[] = [
  { ...query('from', serviceRef, 'Where the path begins: namespace/service, each percent-encoded once.'), required: true },
  { ...query('to', serviceRef, 'Where it ends: namespace/service, each percent-encoded once.'), required: true },
  includeIdle,
]

export const changeKinds = [
  'edge_appeared', 'edge_idle', 'edge_gone', 'service_appeared', 'service_lost_last_instance', 'service_new_version',
] as const
const changeKind = query('kind', { type: 'string', enum: changeKinds }, 'Only changes of this kind.')

export const changesParameters: readonly Parameter[] = [
  query('since', { ...moment, default: '15m' }, 'Changes after then; with a stream, what to begin with: now unless given.'),
  changeKind, namespace,
  query('limit', { type: 'integer', minimum: 1, maximum: 10_000, default: 1_000 }, 'At most so many, the newest.'),
  { name: 'Last-Event-ID', in: 'header', description: 'Of a stream: goes on behind this event.', schema: { type: 'string' } },
]

export const diffParameters: readonly Parameter[] = [
  { ...query('from', moment, 'The earlier time.'), required: true },
  query('to', moment, 'The later time; now unless given.'),
  namespace,
]

export const findingKinds = [
  'cycle', 'unregistered_lookup', 'unused_registration', 'single_point_of_failure', 'cache_bypass', 'stale_answers',
] as const

export const findingsParameters: readonly Parameter[] = [
  query('kind', { type: 'string', enum: findingKinds }, 'Only findings of this kind.'), namespace,
  query('service', { type: 'string' }, 'Only findings about services of this name.'), limit, cursor,
]

export const servicesParameters: readonly Parameter[] = [
  query('namespace', { type: 'string' }, 'Only services of this namespace.'),
  query('search', { type: 'string' }, 'Only services whose namespace/name holds this text, in upper or lower case.'),
  limit, cursor,
]

export const targetsParameters: readonly Parameter[] = [
  query('namespace', { type: 'string' }, 'Only instances of this namespace.'),
  query('service', { type: 'string' }, 'Only instances of services of this name.'),
]

export const lookbackParameters: readonly Parameter[] = [
  query('endTs', { type: 'integer', minimum: 0 }, 'End of the time asked about, in milliseconds since the epoch; now unless given.'),
  query('lookback', { type: 'integer', minimum: 1 }, 'Length of the time asked about, in milliseconds; a day unless given.'),
]

const texts = { type: 'array', items: { type: 'string' } }

export const metricsParameters: readonly Parameter[] = [
  query('scope', { type: 'string', enum: ['replica', 'cluster'], default: 'replica' },
    'cluster: everything, for people; a scraper asks each replica for its own.'),
  query('family[]', texts, 'Only these families; as often as wanted.'),
  query('namespace', texts, 'Only services of these namespaces; as often as wanted.'),
  query('created', { type: 'string', enum: ['0', '1'] }, '1: with _created samples, in OpenMetrics.'),
]

const tried = (budget: string, of: 'total' | 'within') => query(`${budget}.${of}`, { type: 'integer', minimum: 1, maximum: 100_000_000 },
  `Tries what the policy's budgets.${budget}.${of} of this size would do to what is there now.`)

export const cardinalityParameters: readonly Parameter[] = [
  query('limit', { type: 'integer', minimum: 1, maximum: 1_000, default: 10 }, 'So many values of each label, those with the most series.'),
  ...['service', 'edge', 'version', 'error', 'instance'].flatMap(budget => [tried(budget, 'total'), tried(budget, 'within')]),
  tried('agent', 'total'),
]
