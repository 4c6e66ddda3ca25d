import { recordTypes } from './message.ts'
import type { ServiceRecord } from './update.ts'

/** A client that has just deregistered still asks, and a server's threads tell of it in any order; milliseconds. */
const GRACE_MS = 5_000

/**
 * What updates have put into the zones, as far as they were seen: records by name, names by address, and names by the host they point to.
 * What is beyond its limit is not kept. `now`: milliseconds that never step back.
 */
export class RegisteredRecords {
  readonly #limit: number
  readonly #byName = new Map<string, Map<string, ServiceRecord>>()
  readonly #namesByAddress = new Map<string, Set<string>>()
  readonly #namesByTarget = new Map<string, Set<string>>()
  /** What an address was registered under until a moment ago, oldest first. */
  readonly #departed = new Map<string, { names: ReadonlySet<string>; at: number }>()
  #size = 0

  /** `limit`: most records. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#size
  }

  of(name: string): ReadonlyMap<string, ServiceRecord> {
    return this.#byName.get(name) ?? new Map()
  }

  /** The names that an address is registered under, its own and those of SRV records that point to these; else was until a moment ago. */
  namesOf(address: string): ReadonlySet<string> {
    const hosts = this.#namesByAddress.get(address)
    if (hosts === undefined) return this.#departed.get(address)?.names ?? new Set()
    const names = new Set(hosts)
    for (const host of hosts) for (const name of this.#namesByTarget.get(host) ?? []) names.add(name)
    return names
  }

  /** False: there are too many already, and it is not kept. */
  add(name: string, record: ServiceRecord): boolean {
    const records = this.#byName.get(name) ?? new Map<string, ServiceRecord>()
    const key = keyOf(record)
    if (records.has(key)) return true
    if (this.#size >= this.#limit) return false
    this.#size += 1
    this.#byName.set(name, records.set(key, record))
    const [index, pointer] = this.#indexOf(record)
    index.set(pointer, (index.get(pointer) ?? new Set()).add(name))
    return true
  }

  delete(name: string, record: ServiceRecord, now: number): void {
    const records = this.#byName.get(name)
    if (records?.has(keyOf(record)) !== true) return
    this.#depart(record, now)
    records.delete(keyOf(record))
    this.#size -= 1
    if (records.size === 0) this.#byName.delete(name)
    // Two SRV records of a name may point to one host, by different ports.
    if ([...records.values()].some(other => other.target === record.target && other.address === record.address)) return
    const [index, pointer] = this.#indexOf(record)
    const names = index.get(pointer)
    names?.delete(name)
    if (names?.size === 0) index.delete(pointer)
  }

  /** Forgets those that departed long enough ago. To be called again and again. */
  sweep(now: number): void {
    for (const [address, { at }] of this.#departed) {
      if (at > now - GRACE_MS) return
      this.#departed.delete(address)
    }
  }

  #depart({ address }: ServiceRecord, now: number): void {
    if (address === '') return
    const names = this.namesOf(address)
    this.#departed.delete(address)
    if (this.#departed.size < this.#limit) this.#departed.set(address, { names, at: now })
  }

  #indexOf({ type, address, target }: ServiceRecord): [Map<string, Set<string>>, string] {
    return type === recordTypes.SRV ? [this.#namesByTarget, target] : [this.#namesByAddress, address]
  }
}

/** A record's place among those of its name. */
export function keyOf({ type, instance }: ServiceRecord): string {
  return `${type} ${instance}`
}
