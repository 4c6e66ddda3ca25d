import { getJson } from './api.ts'
import type { Graph, NamespaceSummary } from './api-types.ts'
import type { ViewState } from './view-state.ts'

/** A map above this opens on its namespaces; also, at most so many services and dependencies are drawn at a time. */
export const MOST_SERVICES = 150
export const MOST_DEPENDENCIES = 600

/** Dependencies that are asked for at a time, however big the map. */
const PAGE = 2_000

/** What a view shows: a part of the map, or the namespaces of a map too big to be shown whole. */
export type Loaded = { summary: NamespaceSummary; graph: Graph | null }

type Wanted = Pick<ViewState, 'namespace' | 'selected' | 'around' | 'hideIdle' | 'failingOnly'>

/** Asks for what a view needs and no more. Rejects as `getJson` does. */
export async function load(wanted: Wanted, signal: AbortSignal): Promise<Loaded> {
  const [summary, part] = await Promise.all([
    getJson<NamespaceSummary>(`/api/v1/graph/namespaces?includeIdle=${String(!wanted.hideIdle)}`, signal), loadPart(wanted, signal),
  ])
  const { services, edges } = summary.totals
  const fits = services <= MOST_SERVICES && edges <= MOST_DEPENDENCIES
  if (part !== null || !(fits || wanted.failingOnly)) return { summary, graph: part }
  return { summary, graph: await getJson<Graph>(graphPath(wanted, {}), signal) }
}

async function loadPart(wanted: Wanted, signal: AbortSignal): Promise<Graph | null> {
  const { namespace, selected, around } = wanted
  if (selected !== null && around > 0) {
    return getJson<Graph>(graphPath(wanted, { ...selected, depth: String(around) }), signal)
  }
  return namespace === null ? null : getJson<Graph>(graphPath(wanted, { namespace }), signal)
}

function graphPath({ hideIdle, failingOnly }: Wanted, part: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams({ ...part, limit: String(PAGE) })
  if (hideIdle) query.set('includeIdle', 'false')
  if (failingOnly) query.set('failing', 'true')
  return `/api/v1/graph?${query}`
}
