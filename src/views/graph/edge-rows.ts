import { namesOf } from '../../core/names.ts'
import { RECENT_MS } from '../../core/recent.ts'
import { isPast } from '../../core/retention.ts'
import type { GoneEdges } from './gone-edges.ts'
import type { NameTable } from './name-table.ts'
import type { EdgeGist, NumberedEdges } from './source.ts'
import { AT_ONCE, type Steps } from '../steps.ts'

/** In the place of a number: the row is no cell's. */
export const FREE = -1
export const HAS_STALE = 1
export const HAS_BYPASS = 2
/** To read a name or a gist takes as long as to look at so many rows. */
const READ_COSTS = 16

/** What of one shard's edges is kept where the cells are not decoded: 33 bytes for each, by the cell's number. */
export class EdgeRows {
  cells: NumberedEdges
  /** Numbers in the table of names; `FREE`: no cell. */
  clients: Int32Array = new Int32Array(0)
  services: Int32Array = new Int32Array(0)
  /** Seconds since the epoch, rounded down. */
  firstSeen: Uint32Array = new Uint32Array(0)
  lastSeen: Uint32Array = new Uint32Array(0)
  /** In the five minutes in which the edge was last seen, and in those before: two for each edge. */
  lookups: Float32Array = new Float32Array(0)
  failures: Float32Array = new Float32Array(0)
  marks: Uint8Array = new Uint8Array(0)
  /** Rows are below this. */
  end = 0
  /** Higher whenever an edge comes or goes. */
  version = 0
  readonly #names: NameTable
  readonly #gone: GoneEdges
  readonly #gist: EdgeGist = {
    window: 0, lookups: 0, failures: 0, previousLookups: 0, previousFailures: 0, firstSeen: 0, lastSeen: 0, hasStale: false, hasBypass: false,
  }

  constructor(cells: NumberedEdges, { names, gone }: { names: NameTable; gone: GoneEdges }) {
    this.cells = cells
    this.#names = names
    this.#gone = gone
  }

  /** Takes in which edges have come and gone. `time`: the shard's, in milliseconds since the epoch. */
  *refresh(time: number): Steps<void> {
    this.#grow(this.cells.end)
    for (let entry = 0, spent = 0; entry < this.end; entry++) {
      spent += this.#refreshRow(entry, time) ? READ_COSTS : 1
      if (spent < AT_ONCE) continue
      spent = 0
      yield
    }
  }

  /** Takes in how often edges are looked up along, and when. */
  *readGists(): Steps<void> {
    for (let entry = 0, spent = 0; entry < this.end; entry++) {
      const isNew = this.clients[entry] !== FREE && this.cells.has(entry) && !this.cells.isValueRead(entry)
      if (isNew) this.#readGist(entry)
      spent += isNew ? READ_COSTS : 1
      if (spent < AT_ONCE) continue
      spent = 0
      yield
    }
  }

  /** Whether a name was read. */
  #refreshRow(entry: number, time: number): boolean {
    if (entry >= this.cells.end || !this.cells.has(entry) || isPast(this.cells.expiresAt(entry), time)) this.#free(entry, time)
    else if (this.clients[entry] === FREE || !this.cells.isKeyRead(entry)) return this.#name(entry, time)
    return false
  }

  #name(entry: number, time: number): boolean {
    this.#free(entry, time)
    const [clientNamespace = '', client = '', namespace = '', service = ''] = namesOf(this.cells.readKey(entry))
    this.clients[entry] = this.#names.refer(clientNamespace, client)
    this.services[entry] = this.#names.refer(namespace, service)
    this.version++
    this.#readGist(entry)
    return true
  }

  #free(entry: number, time: number): void {
    const [client, service] = [this.clients[entry] ?? FREE, this.services[entry] ?? FREE]
    if (client === FREE) return
    const [from, to] = [this.#names.names[client], this.#names.names[service]]
    if (from !== undefined && to !== undefined) this.#gone.note({ clientNamespace: from.namespace, client: from.service, ...to }, time)
    this.#names.leave(client)
    this.#names.leave(service)
    this.clients[entry] = FREE
    this.version++
  }

  #readGist(entry: number): void {
    const gist = this.#gist
    if (!this.cells.readGist(entry, gist)) return
    this.firstSeen[entry] = Math.floor(gist.firstSeen / 1_000)
    this.lastSeen[entry] = Math.floor(gist.lastSeen / 1_000)
    // Where the clock of brokers went back, the window is later than the edge was last seen: then what it counted is taken for older.
    const isOfWindow = gist.window === Math.floor(gist.lastSeen / RECENT_MS)
    this.lookups[2 * entry] = isOfWindow ? gist.lookups : 0
    this.failures[2 * entry] = isOfWindow ? gist.failures : 0
    this.lookups[2 * entry + 1] = isOfWindow ? gist.previousLookups : gist.lookups
    this.failures[2 * entry + 1] = isOfWindow ? gist.previousFailures : gist.failures
    this.marks[entry] = (gist.hasStale ? HAS_STALE : 0) | (gist.hasBypass ? HAS_BYPASS : 0)
  }

  #grow(end: number): void {
    const before = this.end
    this.end = Math.max(before, end)
    this.clients = grown(this.clients, this.end)
    this.services = grown(this.services, this.end)
    this.firstSeen = grown(this.firstSeen, this.end)
    this.lastSeen = grown(this.lastSeen, this.end)
    this.lookups = grown(this.lookups, 2 * this.end)
    this.failures = grown(this.failures, 2 * this.end)
    this.marks = grown(this.marks, this.end)
    this.clients.fill(FREE, before, this.end)
  }
}

type Column = Int32Array | Uint32Array | Float32Array | Uint8Array

/** The column, or a longer one of the same numbers. Grows by an eighth at least, so that it is copied seldom. */
export function grown<C extends Column>(column: C, length: number): C {
  if (length <= column.length) return column
  const longer = new (column.constructor as new (length: number) => C)(Math.max(length, column.length + (column.length >>> 3)))
  longer.set(column)
  return longer
}
