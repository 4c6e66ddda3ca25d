import type { RequestHandler, Response } from 'express'
import { graphFormats, graphWriters } from '../../views/formats/formats.ts'
import type { GraphPage } from '../../views/formats/graph-text.ts'
import type { Direction } from '../../views/graph/algorithms/reach.ts'
import { pageOf, readCursor, type Page } from '../../views/graph/page.ts'
import { select, type GraphQuery, type Selection } from '../../views/graph/select.ts'
import { summarize } from '../../views/graph/summary.ts'
import { RECENT_MS } from '../../core/recent.ts'
import * as parameters from '../openapi/parameters.ts'
import { Problem } from '../problem.ts'
import type { Query } from '../query.ts'
import { mapped, querying, sendPieces, type GraphDeps, type MapDeps } from './answer.ts'
import { cyclesHandler, pathHandler } from './path-endpoints.ts'
import type { Reading } from './live-map.ts'
import { Shared } from './shared.ts'

/** All who ask within so many milliseconds get the same summary. */
const SHARED_MS = 1_000

const directions = ['both', 'dependencies', 'dependents'] as const satisfies readonly Direction[]

export function graphHandlers(deps: GraphDeps) {
  return {
    '/api/v1/graph': querying(parameters.graphParameters, async ({ query, res }) => {
      const { reading, selection } = await selected(deps, query)
      const page = pageAsked(reading, selection, query)
      deps.large.admit(res, page.edges.length)
      await sendGraph(deps, res, { query, page: graphPage(reading, page) })
    }),
    '/api/v1/graph/namespaces': namespacesHandler(deps),
    '/api/v1/graph/cycles': cyclesHandler(deps),
    '/api/v1/graph/path': pathHandler(deps),
  }
}

function namespacesHandler({ map }: MapDeps): RequestHandler<Record<string, string>> {
  const shared = new Shared<string>(SHARED_MS, () => performance.now())
  const make = async (includeIdle: boolean) => {
    const { findings } = await map.findings()
    const { snapshot, facts, nodes } = await map.read()
    const counts = new Map<string, number>()
    for (const { namespace } of findings) counts.set(namespace, (counts.get(namespace) ?? 0) + 1)
    return JSON.stringify(await map.run(summarize(snapshot, { facts, reader: nodes, includeIdle, findings: counts })))
  }
  return querying([parameters.includeIdle], async ({ query, res }) => {
    const includeIdle = query.flag('includeIdle', true)
    res.type('json').send(Buffer.from(await shared.get(String(includeIdle), () => make(includeIdle))))
  })
}

/** The part of the map that the filters of a query leave. */
export async function selected({ map }: MapDeps, query: Query): Promise<{ reading: Reading; selection: Selection }> {
  await map.findings()
  const reading = await map.read()
  return { reading, selection: await map.run(select(reading.snapshot, reading.facts, graphQuery(query, reading.now))) }
}

function graphQuery(query: Query, now: number): GraphQuery {
  const service = query.text('service')
  const [depth, direction] = [query.number('depth'), query.choice('direction', directions)]
  if (service === undefined && (depth !== undefined || direction !== undefined)) {
    throw new Problem('bad_parameter', 'depth and direction go from a service: give service, too.')
  }
  return {
    namespace: query.text('namespace'), service, depth: depth ?? 1, direction: direction ?? 'both', since: query.moment('since', now),
    minRate: query.number('minRate'), failing: query.flag('failing', false), includeIdle: query.flag('includeIdle', true),
  }
}

/** All of a selection, unless a page of it was asked for. */
export function pageAsked({ snapshot }: Reading, selection: Selection, query: Query): Selection & Partial<Page> {
  const limit = query.number('limit')
  return limit === undefined ? selection : pageOf(snapshot.topology, selection, { limit, after: afterOf(query) })
}

export function afterOf(query: Query) {
  const cursor = query.text('cursor')
  const after = cursor === undefined ? [] : readCursor(cursor)
  if (after === null) throw new Problem('bad_parameter', 'cursor must be the next of the page before, as it was given.')
  return after
}

/** Nodes and edges are decoded as they are written. */
export function graphPage({ nodes, edges }: Reading, page: Selection & Partial<Pick<Page, 'next'>>): GraphPage {
  return {
    windowSeconds: RECENT_MS / 1_000,
    nodes: mapped(page.nodes, node => nodes.node(node)),
    edges: mapped(page.edges, edge => edges.edge(edge)),
    ...(page.next === undefined ? {} : { next: page.next }),
  }
}

export async function sendGraph(deps: MapDeps, res: Response, { query, page }: { query: Query; page: GraphPage }): Promise<void> {
  const { type, write } = graphWriters[query.choice('format', graphFormats) ?? 'json']
  res.set('Content-Type', type)
  linkNext(res, page)
  await sendPieces(res, write(page), deps)
}

/** As RFC 8288 has it: for formats that have no place for a cursor. */
export function linkNext(res: Response, { next }: Partial<Pick<Page, 'next'>>): void {
  if (next === undefined || next === null) return
  const query = new URLSearchParams(res.req.query as Record<string, string>)
  query.set('cursor', next)
  res.links({ next: `${res.req.path}?${query.toString()}` })
}
