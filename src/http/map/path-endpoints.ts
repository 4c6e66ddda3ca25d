import type { RequestHandler } from 'express'
import { componentsOf, cyclicComponents } from '../../views/graph/algorithms/components.ts'
import { elementaryCycles } from '../../views/graph/algorithms/elementary-cycles.ts'
import { shortestPath } from '../../views/graph/algorithms/shortest-path.ts'
import type { ServiceName } from '../../core/cells.ts'
import { nodeNamed } from '../../views/graph/node-reader.ts'
import { admitting } from '../../views/graph/select.ts'
import * as parameters from '../openapi/parameters.ts'
import { Problem } from '../problem.ts'
import type { Query } from '../query.ts'
import { querying, type MapDeps } from './answer.ts'
import type { Reading } from './live-map.ts'

type Handler = RequestHandler<Record<string, string>>

const DEFAULT_CYCLES = 100
const DEFAULT_LENGTH = 10

export function cyclesHandler({ map }: MapDeps): Handler {
  return querying(parameters.cyclesParameters, async ({ query, res }) => {
    const { snapshot: { topology }, facts } = await map.read()
    const admits = idleRule(facts, query)
    const components = await map.run(componentsOf(topology, admits))
    const cyclic = await map.run(cyclicComponents(topology, components, admits))
    const { cycles, truncated } = await map.run(elementaryCycles(topology, {
      components: cyclic, componentOf: components.componentOf, admits,
      limit: query.number('limit') ?? DEFAULT_CYCLES, maxLength: query.number('maxLength') ?? DEFAULT_LENGTH,
    }))
    const names = (nodes: readonly number[]) => nodes.map(node => topology.nodes[node])
    res.json({ components: cyclic.map(names), cycles: cycles.map(names), truncated })
  })
}

export function pathHandler({ map }: MapDeps): Handler {
  return querying(parameters.pathParameters, async ({ query, res }) => {
    const reading = await map.read()
    const { snapshot: { topology }, facts, edges: reader } = reading
    const [from, to] = [nodeOfText(reading, query.text('from') ?? ''), nodeOfText(reading, query.text('to') ?? '')]
    const edges = await map.run(shortestPath(topology, { from, to, admits: idleRule(facts, query) }))
    const nodes = edges === null ? [] : [from, ...edges.map(edge => topology.services[edge] as number)]
    res.json({
      found: edges !== null, nodes: nodes.map(node => topology.nodes[node]), edges: (edges ?? []).flatMap(edge => reader.edge(edge) ?? []),
    })
  })
}

export function idleRule(facts: Reading['facts'], query: Query): (edge: number) => boolean {
  return admitting(facts, { failing: false, includeIdle: query.flag('includeIdle', true) })
}

/** `namespace/service`, each percent-encoded. */
function nodeOfText(reading: Reading, text: string): number {
  const [namespace = '', service = ''] = text.split('/').map(part => decoded(part))
  return knownNode(reading, { namespace, service })
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Problem('bad_parameter', `${part} is not percent-encoded UTF-8.`)
  }
}

/** Throws a problem if nothing is known of the service. */
export function knownNode({ snapshot }: Reading, { namespace, service }: ServiceName): number {
  const node = nodeNamed(snapshot.topology.nodes, { namespace, service })
  if (node >= 0) return node
  throw new Problem('unknown_service', `Nothing is known of service ${service} in namespace ${namespace}; /api/v1/services lists all.`)
}
