import type { RequestHandler, Response } from 'express'
import { dependencyLinks, flatName, jaegerAnswer, jaegerLink, type DependencyLink, type Lookback } from '../../views/compat/dependency-links.ts'
import { grafanaEdge, grafanaFields, grafanaNode } from '../../views/compat/grafana.ts'
import { targetsOf } from '../../views/compat/targets.ts'
import { jsonItems } from '../../views/formats/json.ts'
import * as parameters from '../openapi/parameters.ts'
import { Problem } from '../problem.ts'
import type { Query } from '../query.ts'
import { listPieces, mapped, querying, sendPieces, type GraphDeps, type MapDeps } from './answer.ts'
import { graphPage, selected } from './graph-endpoints.ts'

type Handler = RequestHandler<Record<string, string>>

export interface CompatDeps extends GraphDeps {
  readiness: () => { ready: boolean; reasons: readonly string[] }
}

const DAY_MS = 86_400_000

export function compatHandlers(deps: CompatDeps) {
  const { map } = deps
  const names = async () => (await map.read()).snapshot.topology.nodes.map(flatName)
  return {
    '/api/v1/targets': targetsHandler(deps),
    '/api/services': querying([], async ({ res }) => { res.json(jaegerAnswer(await names())) }),
    '/api/dependencies': querying(parameters.lookbackParameters, async ({ query, res }) => {
      const { data, ...rest } = jaegerAnswer(await links(deps, query))
      deps.large.admit(res, data.length)
      await sendPieces(res.type('json'), listPieces('data', mapped(data, jaegerLink), rest), deps)
    }),
    '/api/v2/services': querying([], async ({ res }) => { res.json(await names()) }),
    '/api/v2/dependencies': querying(parameters.lookbackParameters, async ({ query, res }) => {
      const found = await links(deps, query)
      deps.large.admit(res, found.length)
      await sendPieces(res.type('json'), arrayPieces(found), deps)
    }),
    ...grafanaHandlers(deps),
  }
}

function grafanaHandlers(deps: GraphDeps) {
  const rows = async (query: Query, res: Response) => {
    const { reading, selection } = await selected(deps, query)
    deps.large.admit(res, selection.edges.length)
    const { nodes, edges } = graphPage(reading, selection)
    return { nodes: mapped(nodes, grafanaNode), edges: mapped(edges, grafanaEdge) }
  }
  return {
    '/api/v1/grafana/nodes': querying(parameters.graphFilters, async ({ query, res }) => {
      await sendPieces(res.type('json'), arrayPieces((await rows(query, res)).nodes), deps)
    }),
    '/api/v1/grafana/edges': querying(parameters.graphFilters, async ({ query, res }) => {
      await sendPieces(res.type('json'), arrayPieces((await rows(query, res)).edges), deps)
    }),
    '/api/graph/fields': querying([], async ({ res }) => { res.json(grafanaFields) }),
    '/api/graph/data': querying(parameters.graphFilters, async ({ query, res }) => {
      const { nodes, edges } = await rows(query, res)
      await sendPieces(res.type('json'), framePieces(nodes, edges), deps)
    }),
    '/api/health': querying([], async ({ res }) => { res.type('text').send('OK\n') }),
  }
}

function* arrayPieces(items: Iterable<unknown>): Generator<string> {
  yield '['
  yield* jsonItems(items)
  yield ']'
}

function* framePieces(nodes: Iterable<unknown>, edges: Iterable<unknown>): Generator<string> {
  yield '{"nodes":'
  yield* arrayPieces(nodes)
  yield ',"edges":'
  yield* arrayPieces(edges)
  yield '}'
}

/** While this replica catches up, Prometheus keeps the list that it has: an error is not an empty list to it. */
function targetsHandler(deps: CompatDeps): Handler {
  const { map, readiness } = deps
  return querying(parameters.targetsParameters, async ({ query, res }) => {
    const { ready, reasons } = readiness()
    if (!ready) throw new Problem('not_ready', reasons.join('; '))
    const { snapshot, nodes } = await map.read()
    const groups = await map.run(targetsOf(snapshot, nodes, { namespace: query.text('namespace'), service: query.text('service') }))
    await sendPieces(res.type('json'), arrayPieces(groups), deps)
  })
}

async function links({ map }: MapDeps, query: Query): Promise<DependencyLink[]> {
  const { snapshot, facts, edges, now } = await map.read()
  const to = query.number('endTs') ?? now
  const lookback: Lookback = { from: to - (query.number('lookback') ?? DAY_MS), to }
  return map.run(dependencyLinks(snapshot, { facts, edges }, lookback))
}
