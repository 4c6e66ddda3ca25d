import { agentKind } from '../contract/events.ts'
import type { PlainLookup } from '../contract/plain-lookup.ts'
import type { AnyCell, ArrivalsCell, EdgeCell, LastNumber, LookupsCell } from './cells.ts'
import { DEFAULT_NAMESPACE, UNKNOWN_CLIENT } from './names.ts'
import type { Route, Sender } from './routes.ts'
import { isForgotten, numberOf } from './sequences.ts'
import { edit, touch, type ShardState } from './state.ts'
import { OVERFLOW } from './value-rules.ts'

// `edit` for the cells of a plain look-up: the same cells, found by their route where it knows them.

/** The cell of the service that was looked up, to be changed. */
export function lookupsAt(state: ShardState, route: Route, lookup: PlainLookup): LookupsCell {
  const held = touched(state, route.lookups)
  if (held !== null) return held
  const [, , namespace, service] = named(state, route, lookup)
  const cell = edit(state, 'lookups', namespace, service)
  if (!isOverflow(cell)) route.lookups = cell
  return cell
}

/** The cell of the edge, to be changed. */
export function edgeAt(state: ShardState, route: Route, lookup: PlainLookup): EdgeCell {
  const held = touched(state, route.edge)
  if (held !== null) return held
  const cell = edit(state, 'edge', ...named(state, route, lookup))
  if (!isOverflow(cell)) route.edge = cell
  return cell
}

/** Where there was no room; there may be the next time. */
function isOverflow(cell: LookupsCell | EdgeCell): boolean {
  return (cell.kind === 'edge' ? cell.client : cell.service) === OVERFLOW
}

/** The four names that a look-up is counted under. */
function named({ naming }: ShardState, route: Route, { names }: PlainLookup): readonly [string, string, string, string] {
  const [clientNamespace, client, namespace, service] = names
  const sent = [clientNamespace || DEFAULT_NAMESPACE, client || UNKNOWN_CLIENT, namespace || DEFAULT_NAMESPACE, service] as const
  if (route.isAsSent) return sent
  const made = [naming.namespace(clientNamespace), naming.client(client), naming.namespace(namespace), naming.service(service)] as const
  route.isAsSent = made.every((name, index) => name === sent[index])
  return made
}

/** The cell of the agent's kind, to be changed. */
export function arrivalsAt(state: ShardState, sender: Sender, lookup: PlainLookup): ArrivalsCell {
  return touched(state, sender.arrivals) ?? (sender.arrivals = edit(state, 'arrivals', agentKind(lookup.agentId)))
}

/** The agent's last number, to be changed. */
export function lastNumberAt(state: ShardState, sender: Sender, lookup: PlainLookup): LastNumber {
  const { numbered } = sender
  if (numbered !== null && !numbered.last.gone && !isForgotten(state, numbered.last) && touched(state, numbered.sequences) !== null) {
    return numbered.last
  }
  return (sender.numbered = numberOf(state, lookup.agentId)).last
}

/** Null for a cell that is not known, or no more. */
function touched<C extends AnyCell>(state: ShardState, cell: C | null): C | null {
  if (cell === null || cell.detached) return null
  touch(state, cell)
  return cell
}
