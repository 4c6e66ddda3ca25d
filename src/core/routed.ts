import { agentKind } from '../contract/events.ts'
import type { PlainLookup } from '../contract/plain-lookup.ts'
import type { AnyCell, ArrivalsCell, EdgeCell, LastNumber, LookupsCell } from './cells.ts'
import type { Route, Sender } from './routes.ts'
import { isForgotten, numberOf } from './sequences.ts'
import { edit, touch, type ShardState } from './state.ts'

// `edit` for the cells of a plain look-up: the same cells, found by their route where it knows them.

/** The cell of the service that was looked up, to be changed. */
export function lookupsAt(state: ShardState, route: Route, lookup: PlainLookup): LookupsCell {
  const held = touched(state, route.lookups)
  if (held !== null) return held
  const [, , namespace, service] = lookup.names
  return route.lookups = edit(state, 'lookups', state.naming.namespace(namespace), state.naming.service(service))
}

/** The cell of the edge, to be changed. */
export function edgeAt(state: ShardState, route: Route, lookup: PlainLookup): EdgeCell {
  const held = touched(state, route.edge)
  if (held !== null) return held
  const [clientNamespace, client, namespace, service] = lookup.names
  const { naming } = state
  return route.edge = edit(
    state, 'edge', naming.namespace(clientNamespace), naming.client(client), naming.namespace(namespace), naming.service(service))
}

/** The cell of the agent's kind, to be changed. */
export function arrivalsAt(state: ShardState, sender: Sender, lookup: PlainLookup): ArrivalsCell {
  return touched(state, sender.arrivals) ?? (sender.arrivals = edit(state, 'arrivals', agentKind(lookup.agentId)))
}

/** The agent's last number, to be changed. */
export function lastNumberAt(state: ShardState, sender: Sender, { agentId }: PlainLookup): LastNumber {
  const { numbered } = sender
  if (numbered !== null && !numbered.last.gone && !isForgotten(state, numbered.last) && touched(state, numbered.sequences) !== null) {
    return numbered.last
  }
  return (sender.numbered = numberOf(state, agentId)).last
}

/** Null for a cell that is not known, or no more. */
function touched<C extends AnyCell>(state: ShardState, cell: C | null): C | null {
  if (cell === null || cell.detached) return null
  touch(state, cell)
  return cell
}
