import type { RequestHandler } from 'express'
import type { Graph } from '../views/graph.ts'
import type { Service, ServiceDetail } from '../views/services.ts'
import type { ServiceName } from '../core/cells.ts'
import { documentPage } from './document-page.ts'
import { indexPage } from './index-page.ts'
import { metricsHandler, type MetricsPages } from './metrics.ts'
import { Problem } from './problem.ts'

/** What the routes need; each takes its own part. Whatever is thrown here is answered as a problem. */
export interface AppDeps {
  metrics: MetricsPages
  graph: () => Graph
  /** By namespace and name. */
  services: () => Service[]
  /** Null if nothing is known of it. */
  service: (name: ServiceName) => ServiceDetail | null
  health: () => { healthy: boolean; reason?: string }
  /** `reasons`: what is waited for, empty when ready. */
  readiness: () => { ready: boolean; reasons: readonly string[] }
  version: string
  /** Told of faults of ours, never of a client's. */
  onError: (error: unknown) => void
}

/** One row of the list that both the routes and the index come from. */
export interface Endpoint {
  /** With its parameters in braces. */
  path: string
  description: string
  handle: RequestHandler<Record<string, string>>
}

export function endpointsOf(deps: AppDeps): Endpoint[] {
  const endpoints: Endpoint[] = [
    ...metricsEndpoints(deps),
    {
      path: '/api/v1/graph', description: 'The dependency map: all services and who looks up whom.',
      handle: (_, res) => { res.json(deps.graph()) },
    },
    {
      path: '/api/v1/services', description: 'All services, with their live instances, versions and look-ups.',
      handle: (_, res) => { res.json({ services: deps.services() }) },
    },
    {
      path: '/api/v1/services/{namespace}/{service}', description: 'One service, with its instances, dependencies and dependents.',
      handle: serviceHandler(deps),
    },
    { path: '/-/healthy', description: '200 while this process can do its work, otherwise 503 and why.', handle: healthHandler(deps) },
    {
      path: '/-/ready', description: '200 while this replica can answer for its partitions, otherwise 503 and what it waits for.',
      handle: readyHandler(deps),
    },
    {
      path: '/api', description: 'This list.',
      handle: (_, res) => { res.json({ name: 'discovery-metrics', version: deps.version, endpoints: listed(endpoints) }) },
    },
    {
      path: '/', description: 'This list, for people.',
      handle: (_, res) => { res.type('html').send(indexPage(deps.version, listed(endpoints))) },
    },
  ]
  return endpoints
}

function metricsEndpoints({ metrics, onError }: Pick<AppDeps, 'metrics' | 'onError'>): Endpoint[] {
  return [
    {
      path: '/metrics',
      description: 'Metrics for Prometheus: what this replica owns, or everything with ?scope=cluster (for people). ?family[]=… and '
        + '?namespace=…, each as often as wanted, show only these families, and only services of these namespaces; ?created=1 adds '
        + '_created samples in OpenMetrics.',
      handle: metricsHandler({ metrics, onError }),
    },
    {
      path: '/docs/metrics', description: 'What every family of metrics means, the question that it answers, and how to ask it.',
      handle: (_, res) => { res.type('html').send(documentPage(metrics.document())) },
    },
  ]
}

function listed(endpoints: readonly Endpoint[]): Pick<Endpoint, 'path' | 'description'>[] {
  return endpoints.map(({ path, description }) => ({ path, description }))
}

function serviceHandler({ service }: Pick<AppDeps, 'service'>): Endpoint['handle'] {
  return ({ params: { namespace = '', service: name = '' } }, res) => {
    const found = service({ namespace, service: name })
    if (found === null) {
      throw new Problem('unknown_service', `Nothing is known of service ${name} in namespace ${namespace}; /api/v1/services lists all.`)
    }
    res.json(found)
  }
}

function healthHandler({ health }: Pick<AppDeps, 'health'>): Endpoint['handle'] {
  return (_, res) => {
    const { healthy, reason = 'no reason is known' } = health()
    if (!healthy) throw new Problem('unhealthy', reason)
    res.json({ healthy })
  }
}

function readyHandler({ readiness }: Pick<AppDeps, 'readiness'>): Endpoint['handle'] {
  return (_, res) => {
    const { ready, reasons } = readiness()
    if (!ready) throw new Problem('not_ready', reasons.join('; '))
    res.json({ ready })
  }
}
