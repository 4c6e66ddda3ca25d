import type { ServiceName } from '../../core/cells.ts'
import { namesOf } from '../../core/names.ts'
import { isPast } from '../../core/retention.ts'
import { FREE, grown } from './edge-rows.ts'
import type { NameTable } from './name-table.ts'
import type { NumberedCells } from './source.ts'
import { AT_ONCE, type Steps } from '../steps.ts'

/** Which service each cell of a kind tells of, by the cell's number. */
export class ServiceRows {
  cells: NumberedCells
  /** Numbers in the table of names; `FREE`: no cell. */
  services: Int32Array = new Int32Array(0)
  /** Rows are below this. */
  end = 0
  /** Higher whenever a cell comes or goes. */
  version = 0
  readonly #names: NameTable
  readonly #touched: (service: ServiceName) => void

  /** `touched`: told of each service of which a cell comes, goes or has another value. */
  constructor(cells: NumberedCells, names: NameTable, touched: (service: ServiceName) => void) {
    this.cells = cells
    this.#names = names
    this.#touched = touched
  }

  /** Takes in what has come and gone. `time`: the shard's, in milliseconds since the epoch. */
  *refresh(time: number): Steps<void> {
    const before = this.end
    this.end = this.cells.end
    this.services = grown(this.services, this.end)
    this.services.fill(FREE, before, Math.max(before, this.end))
    for (let entry = 0; entry < this.end; entry++) {
      this.#refreshRow(entry, time)
      if (entry % AT_ONCE === 0) yield
    }
  }

  #refreshRow(entry: number, time: number): void {
    if (entry >= this.cells.end || !this.cells.has(entry) || isPast(this.cells.expiresAt(entry), time)) this.#free(entry)
    else if (this.services[entry] === FREE || !this.cells.isKeyRead(entry)) this.#name(entry)
    else if (!this.cells.isValueRead(entry)) this.#touch(entry)
  }

  #name(entry: number): void {
    this.#free(entry)
    const [namespace = '', service = ''] = namesOf(this.cells.readKey(entry))
    this.services[entry] = this.#names.refer(namespace, service)
    this.version++
    this.#touch(entry)
  }

  #touch(entry: number): void {
    this.cells.noteRead(entry)
    const service = this.#names.names[this.services[entry] ?? FREE]
    if (service !== undefined) this.#touched(service)
  }

  #free(entry: number): void {
    const service = this.services[entry] ?? FREE
    if (service === FREE) return
    const name = this.#names.names[service]
    if (name !== undefined) this.#touched(name)
    this.#names.leave(service)
    this.services[entry] = FREE
    this.version++
  }
}
