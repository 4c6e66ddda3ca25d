import type { RequestHandler } from 'express'
import { RECENT_MS } from '../../core/recent.ts'
import { graphFormats } from '../../views/formats/formats.ts'
import { jsonItems } from '../../views/formats/json.ts'
import { reach, type Reached } from '../../views/graph/algorithms/reach.ts'
import { writeCursor, type Page } from '../../views/graph/page.ts'
import type { Selection } from '../../views/graph/select.ts'
import { detailOf } from '../../views/graph/service-detail.ts'
import { compareNames } from '../../views/graph/topology.ts'
import * as parameters from '../openapi/parameters.ts'
import { listPieces, mapped, querying, sendPieces, type GraphDeps, type MapDeps } from './answer.ts'
import { afterOf, graphPage, linkNext, pageAsked, sendGraph } from './graph-endpoints.ts'
import type { Reading } from './live-map.ts'
import { idleRule, knownNode } from './path-endpoints.ts'

type Handler = RequestHandler<Record<string, string>>

export function serviceHandlers(deps: GraphDeps) {
  return {
    '/api/v1/services': servicesHandler(deps),
    '/api/v1/services/{namespace}/{service}': detailHandler(deps),
    '/api/v1/services/{namespace}/{service}/dependencies': neighboursHandler(deps, 'dependencies'),
    '/api/v1/services/{namespace}/{service}/dependents': neighboursHandler(deps, 'dependents'),
  }
}

function servicesHandler(deps: MapDeps): Handler {
  return querying(parameters.servicesParameters, async ({ query, res }) => {
    await deps.map.findings()
    const { snapshot: { topology }, nodes } = await deps.map.read()
    const [namespace, search] = [query.text('namespace'), query.text('search')?.toLowerCase()]
    const [after] = afterOf(query)
    const found = topology.nodes.flatMap((name, node) => {
      const isAsked = (namespace === undefined || name.namespace === namespace) && (after === undefined || compareNames(name, after) > 0) &&
        (search === undefined || `${name.namespace}/${name.service}`.toLowerCase().includes(search))
      return isAsked ? [node] : []
    })
    const limit = query.number('limit')
    const page = found.slice(0, limit)
    const last = topology.nodes[page.at(-1) ?? -1]
    const next = page.length < found.length && last !== undefined ? writeCursor(last) : null
    res.set('Content-Type', 'application/json; charset=utf-8')
    await sendPieces(res, listPieces('services', mapped(page, node => nodes.node(node)), limit === undefined ? {} : { next }), deps)
  })
}

function detailHandler({ map }: MapDeps): Handler {
  return querying([parameters.namespacePath, parameters.servicePath], async ({ req: { params }, res }) => {
    const { findings } = await map.findings()
    const reading = await map.read()
    const node = knownNode(reading, { namespace: params['namespace'] ?? '', service: params['service'] ?? '' })
    res.json(await map.run(detailOf(reading.snapshot, node, { ...reading, findings })))
  })
}

function neighboursHandler(deps: GraphDeps, direction: 'dependencies' | 'dependents'): Handler {
  const { map } = deps
  return querying(parameters.neighbourParameters, async ({ query, req: { params }, res }) => {
    await map.findings()
    const reading = await map.read()
    const root = { namespace: params['namespace'] ?? '', service: params['service'] ?? '' }
    const from = knownNode(reading, root)
    const transitive = query.flag('transitive', false)
    const depth = transitive ? query.number('depth') ?? Infinity : 1
    const reached = await map.run(reach(reading.snapshot.topology, { from: [from], direction, depth, admits: idleRule(reading.facts, query) }))
    const page = pageAsked(reading, inOrder(reached, query.number('limit') !== undefined), query)
    deps.large.admit(res, page.edges.length)
    const format = query.choice('format', graphFormats) ?? 'json'
    if (format !== 'json') return sendGraph(deps, res, { query, page: graphPage(reading, page) })
    const head = { ...root, direction, transitive, windowSeconds: RECENT_MS / 1_000 }
    res.set('Content-Type', 'application/json; charset=utf-8')
    linkNext(res, page)
    return sendPieces(res, neighbourPieces(head, reading, { reached, page }), deps)
  })
}

/** What was reached: nearest first, and by name where there are pages. */
function inOrder({ nodes, edges }: Reached, isPaged: boolean): Selection {
  return isPaged ? { nodes: nodes.toSorted((a, b) => a - b), edges: edges.toSorted((a, b) => a - b) } : { nodes, edges }
}

function* neighbourPieces(
  head: object, { nodes, edges }: Reading, { reached, page }: { reached: Reached; page: Selection & Partial<Page> },
): Generator<string> {
  const depths = new Map(reached.nodes.map((node, index) => [node, reached.depths[index]]))
  const [itself] = reached.nodes
  yield JSON.stringify(head).replace(/\}$/, ',"nodes":[')
  yield* jsonItems(mapped(page.nodes, node => node === itself ? null : { ...nodes.node(node), depth: depths.get(node) }))
  yield '],"edges":['
  yield* jsonItems(mapped(page.edges, edge => edges.edge(edge)))
  yield page.next === undefined ? ']}' : `],"next":${JSON.stringify(page.next)}}`
}
