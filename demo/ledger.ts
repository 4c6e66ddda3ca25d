/** A service by its full name. */
export interface Target {
  namespace: string
  service: string
}

/** How many events of each kind name one service. */
export interface Tally {
  lookups: number
  registrations: number
}

/** Tallies by `namespace/service`. */
export type Tallies = ReadonlyMap<string, Readonly<Tally>>

export function nameOf({ namespace, service }: Target): string {
  return `${namespace}/${service}`
}

/**
 * What was recorded, by the demo's own book and not by the agents' counters: each entry is made where the demo makes the event, so an
 * event that an agent, Kafka or a replica loses or doubles shows as a difference.
 */
export class Ledger {
  readonly #tallies = new Map<string, Tally>()

  /** `weight`: how many look-ups the event stands for. */
  lookup(target: Target, weight = 1): void {
    this.#of(target).lookups += weight
  }

  registration(target: Target): void {
    this.#of(target).registrations += 1
  }

  get tallies(): Tallies {
    return this.#tallies
  }

  get total(): number {
    return total(this.#tallies)
  }

  #of(target: Target): Tally {
    const name = nameOf(target)
    const known = this.#tallies.get(name) ?? { lookups: 0, registrations: 0 }
    this.#tallies.set(name, known)
    return known
  }
}

export function total(tallies: Tallies): number {
  return [...tallies.values()].reduce((sum, { lookups, registrations }) => sum + lookups + registrations, 0)
}
