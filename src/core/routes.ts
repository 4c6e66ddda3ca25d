import type { PlainLookup } from '../contract/plain-lookup.ts'
import { ByteTable } from './byte-table.ts'
import type { ArrivalsCell, EdgeCell, LookupsCell } from './cells.ts'
import type { Numbered } from './sequences.ts'

/** Edges, and agents, whose cells are found by the bytes of their names; more than most partitions have. */
const MOST = 131_072

/** Where look-ups of a service by a client are counted, once found. */
export interface Route {
  /** Whether the names are counted as they were sent, once known: then no rule is asked again. */
  isAsSent: boolean
  lookups: LookupsCell | null
  edge: EdgeCell | null
}

/** Where what an agent sends is counted, once found. */
export interface Sender {
  arrivals: ArrivalsCell | null
  numbered: Numbered | null
}

/**
 * The cells that plain look-ups are counted in, by the bytes of their names as they were sent: no string is made and no key put together for
 * each. Only a memory of what `edit` finds: it may forget, and a cell that has been removed is found anew.
 */
export class Routes {
  readonly #routes = new ByteTable<Route>(MOST)
  readonly #senders = new ByteTable<Sender>(MOST)
  #looked = 0

  /** By a look-up's four names. */
  routeOf({ view, namesStart: start, namesEnd: end }: PlainLookup): Route {
    const held = this.#routes.find(view, start, end)
    if (held !== undefined) return held
    const route: Route = { isAsSent: false, lookups: null, edge: null }
    this.#routes.add(view, { start, end }, route)
    return route
  }

  /** Forgets cells that are not in the state any more, which would stay in memory; looks at that many, and goes on the next time. */
  letGo(most: number): void {
    for (let left = Math.min(most, this.#routes.size); left > 0; left--) {
      if (this.#looked >= this.#routes.size) this.#looked = 0
      const route = this.#routes.at(this.#looked++)
      if (route?.edge?.detached === true) route.edge = null
      if (route?.lookups?.detached === true) route.lookups = null
    }
  }

  /** By a look-up's agent. */
  senderOf({ view, agentStart: start, agentEnd: end }: PlainLookup): Sender {
    const held = this.#senders.find(view, start, end)
    if (held !== undefined) return held
    const sender: Sender = { arrivals: null, numbered: null }
    this.#senders.add(view, { start, end }, sender)
    return sender
  }
}
