import { anyText, json, jsonOf, type Answer, type Operation } from './document.ts'
import * as parameters from './parameters.ts'
import { array, object } from './schemas.ts'

const text = { type: 'string' }
const graphFormats = anyText('text/vnd.graphviz', 'text/vnd.mermaid', 'application/graphml+xml', 'application/vnd.cytoscape+json')
const listed = array(object({ path: text, description: text }))

/** `parameters` unless given: none. */
function operation(path: string, description: string, { answer, parameters: taken = [] }: Partial<Operation> & { answer: Answer }): Operation {
  return { path, description, parameters: taken, answer }
}

const map: readonly Operation[] = [
  operation('/api/v1/graph', 'The dependency map, or a part of it: services and who looks up whom.', {
    parameters: parameters.graphParameters, answer: { ...json('Graph'), ...graphFormats },
  }),
  operation('/api/v1/graph/namespaces', 'The map by namespaces: what each holds, and how much they look each other up.', {
    answer: json('NamespaceSummary'), parameters: [parameters.includeIdle],
  }),
  operation('/api/v1/graph/cycles', 'Services that depend on each other in a circle.', {
    parameters: parameters.cyclesParameters, answer: json('Cycles'),
  }),
  operation('/api/v1/graph/path', 'A shortest path of look-ups from one service to another.', {
    parameters: parameters.pathParameters, answer: json('Path'),
  }),
  operation('/api/v1/graph/changes', 'What has changed, as JSON; or as it changes, to who accepts text/event-stream.', {
    parameters: parameters.changesParameters, answer: { ...json('Changes'), ...anyText('text/event-stream') },
  }),
  operation('/api/v1/graph/diff', 'Which edges and services were there at one time and not at another, by when they were first and last seen.', {
    parameters: parameters.diffParameters, answer: json('Diff'),
  }),
  operation('/api/v1/findings', 'What looks wrong in the map.', { parameters: parameters.findingsParameters, answer: json('Findings') }),
]

const services: readonly Operation[] = [
  operation('/api/v1/services', 'All services, by namespace and name, with their live instances, versions and look-ups.', {
    parameters: parameters.servicesParameters, answer: json('Services'),
  }),
  operation('/api/v1/services/{namespace}/{service}', 'One service, with its instances, dependencies, dependents and findings.', {
    parameters: [parameters.namespacePath, parameters.servicePath], answer: json('ServiceDetail'),
  }),
  operation('/api/v1/services/{namespace}/{service}/dependencies', 'Whom a service depends on; with transitive=true, however far.', {
    parameters: parameters.neighbourParameters, answer: { ...json('Neighbours'), ...graphFormats },
  }),
  operation('/api/v1/services/{namespace}/{service}/dependents', 'Who depends on a service; with transitive=true, its blast radius.', {
    parameters: parameters.neighbourParameters, answer: { ...json('Neighbours'), ...graphFormats },
  }),
]

const compatible: readonly Operation[] = [
  operation('/api/v1/targets', 'Live instances as Prometheus HTTP service discovery reads them; 503 while this replica catches up.', {
    parameters: parameters.targetsParameters, answer: json('Targets'),
  }),
  operation('/api/services', 'Names of all services, as Jaeger lists them.', { answer: json('JaegerServices') }),
  operation('/api/dependencies', 'The map as Jaeger\'s page reads it; callCount: look-ups since the edge was first seen.', {
    parameters: parameters.lookbackParameters, answer: json('JaegerDependencies'),
  }),
  operation('/api/v2/services', 'Names of all services, as Zipkin lists them.', { answer: json('ZipkinServices') }),
  operation('/api/v2/dependencies', 'The map as Zipkin\'s page reads it; counts since each edge was first seen.', {
    parameters: parameters.lookbackParameters, answer: json('ZipkinDependencies'),
  }),
  operation('/api/v1/grafana/nodes', 'Rows of the nodes of Grafana\'s node graph, for its Infinity data source.', {
    parameters: parameters.graphFilters, answer: json('GrafanaNodes'),
  }),
  operation('/api/v1/grafana/edges', 'Rows of the edges of Grafana\'s node graph, for its Infinity data source.', {
    parameters: parameters.graphFilters, answer: json('GrafanaEdges'),
  }),
  operation('/api/graph/fields', 'Fields of the node graph, for Grafana\'s Node Graph API data source.', { answer: json('GrafanaFields') }),
  operation('/api/graph/data', 'The node graph, for Grafana\'s Node Graph API data source.', {
    parameters: parameters.graphFilters, answer: json('GrafanaGraph'),
  }),
  operation('/api/health', 'That Grafana\'s Node Graph API data source is well configured.', { answer: anyText('text/plain') }),
]

const replica: readonly Operation[] = [
  operation('/api/v1/cardinality', 'What families and label values cost in series, and what other budgets would do.', {
    parameters: parameters.cardinalityParameters, answer: json('Cardinality'),
  }),
  operation('/metrics', 'Metrics for Prometheus: what this replica owns, or everything with ?scope=cluster (for people).', {
    parameters: parameters.metricsParameters, answer: anyText('text/plain', 'application/openmetrics-text'),
  }),
  operation('/docs/metrics', 'What every family of metrics means, the question that it answers, and how to ask it.', { answer: anyText('text/html') }),
  operation('/-/healthy', '200 while this process can do its work, otherwise 503 and why.', {
    answer: jsonOf(object({ healthy: { const: true } })),
  }),
  operation('/-/ready', '200 while this replica can answer for its partitions, otherwise 503 and what it waits for.', {
    answer: jsonOf(object({ ready: { const: true } })),
  }),
  operation('/api', 'This list; as a page for browsers.', { answer: { ...jsonOf(object({ name: text, version: text, endpoints: listed })), ...anyText('text/html') } }),
  operation('/api/openapi.json', 'This API as OpenAPI 3.1 describes it.', { answer: jsonOf({ type: 'object' }) }),
  operation('/', 'The live dependency map, for people.', { answer: anyText('text/html') }),
]

/** All that is here: the routes, the index and the OpenAPI document come from this list. */
export const operations = [...map, ...services, ...compatible, ...replica]
