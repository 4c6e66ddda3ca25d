export interface ServerOrderOptions {
  /** Threads of a server overtake each other by no more than this, in milliseconds. */
  holdMs: number
  /** Most that are held at once, of all servers. */
  limit: number
}

/** When something happened by its server's clock, in milliseconds since the epoch; 0: the server does not say. */
export interface ServerTime {
  server: string
  askedAt: number
  answeredAt: number
}

/**
 * How something was told: in its server's order, before its time since too many were held, as it came since its server told no time, or
 * behind something that its server did after it.
 */
export const tellings = ['in_order', 'hurried', 'untimed', 'late'] as const
export type Telling = (typeof tellings)[number]

interface Held<T> {
  value: T
  time: ServerTime
  since: number
}

/** Servers name themselves, so that a stranger can make up names. */
const MAX_SERVERS = 1_000

/**
 * Tells what a server did in the order of its own clock, whatever the order in which its threads speak. Law: each thing that is put in is
 * told once; each is held for `holdMs`, or until something that the same server did later is told. Clocks of two servers are not compared.
 */
export class ServerOrder<T> {
  readonly #options: ServerOrderOptions
  readonly #tell: (value: T, telling: Telling) => void
  /** In the order in which they came. */
  readonly #held = new Set<Held<T>>()
  readonly #servers = new Map<string, { held: Held<T>[]; told: ServerTime | undefined }>()

  constructor(options: ServerOrderOptions, tell: (value: T, telling: Telling) => void) {
    this.#options = options
    this.#tell = tell
  }

  put(value: T, time: ServerTime, now: number): void {
    if (time.answeredAt === 0) return this.#tell(value, 'untimed')
    const { held } = this.#server(time.server)
    const entry = { value, time, since: now }
    held.splice(held.findLastIndex(other => compare(other.time, time) <= 0) + 1, 0, entry)
    this.#held.add(entry)
    const [first] = this.#held
    if (first !== undefined && this.#held.size > this.#options.limit) this.#release(first, 'hurried')
  }

  /** Tells what was held for long enough. To be called again and again. */
  sweep(now: number): void {
    for (const entry of this.#held) {
      if (entry.since > now - this.#options.holdMs) return
      this.#release(entry, 'in_order')
    }
  }

  /** Tells all that is held. */
  close(): void {
    this.sweep(Infinity)
  }

  /** Tells this one, and before it what its server did before it. */
  #release(entry: Held<T>, telling: Telling): void {
    const server = this.#server(entry.time.server)
    for (const each of server.held.splice(0, server.held.indexOf(entry) + 1)) {
      this.#held.delete(each)
      const isLate = server.told !== undefined && compare(each.time, server.told) < 0
      if (!isLate) server.told = each.time
      this.#tell(each.value, isLate ? 'late' : telling)
    }
  }

  #server(name: string): { held: Held<T>[]; told: ServerTime | undefined } {
    const server = this.#servers.get(name) ?? { held: [], told: undefined }
    this.#servers.delete(name)
    this.#servers.set(name, server)
    for (const [other, { held }] of this.#servers) {
      if (this.#servers.size <= MAX_SERVERS) break
      if (held.length === 0 && other !== name) this.#servers.delete(other)
    }
    return server
  }
}

/** Who is answered later is later; of those answered in one step of the clock, who asked later. */
function compare(a: ServerTime, b: ServerTime): number {
  return a.answeredAt - b.answeredAt || a.askedAt - b.askedAt
}
