import type { CellKind } from './cells.ts'
import type { BudgetPolicy, Limits } from './policy.ts'
import { OVERFLOW } from './value-rules.ts'

/** How many cells of a kind there may be in one input partition; kinds that are left out have no budget. */
export type Budgets = { readonly [K in CellKind]?: Limits }

interface Shape {
  /** Places of the names of what has a share of its own: the namespace of a service, the service of a client. */
  readonly parent: readonly number[]
  /** Places of the names that {@link OVERFLOW} takes, step by step, until there is room. */
  readonly steps: readonly (readonly number[])[]
}

const shapes: { readonly [K in CellKind]?: Shape } = {
  lookups: { parent: [0], steps: [[1], [0, 1]] },
  registrations: { parent: [0], steps: [[1], [0, 1]] },
  edge: { parent: [2, 3], steps: [[0, 1], [0, 1, 3], [0, 1, 2, 3]] },
  lookupError: { parent: [0, 1], steps: [[3], [1, 3], [0, 1, 3]] },
  registrationError: { parent: [0, 1], steps: [[4], [1, 4], [0, 1, 4]] },
  arrivals: { parent: [], steps: [[0]] },
  accounts: { parent: [], steps: [[0]] },
  // What has no room here is not held: a state cannot be added up.
  version: { parent: [0, 1], steps: [] },
  instance: { parent: [0, 1], steps: [] },
  agent: { parent: [], steps: [] },
}

/** Of each kind of agent there are a handful, and what they add up to stays for ever: so many kinds in a partition, whatever the policy. */
const AGENT_KINDS = 100
/** Overflow cells in each hundred that the budget allows; the coarsest ones always have room. */
const OVERFLOW_SHARE = 0.1

/**
 * The budgets of each partition of an input topic: limits within a service hold whole, since a service lives in one partition; all others
 * are divided.
 */
export function budgetsOf({ service, edge, version, error, instance, agent }: BudgetPolicy, partitions: number): Budgets {
  const share = (limit: number) => Math.ceil(limit / partitions)
  const divided = ({ total, within }: Limits): Limits => ({ total: share(total), within })
  const services = { total: share(service.total), within: share(service.within) }
  const kinds = { total: AGENT_KINDS, within: Infinity }
  return {
    lookups: services, registrations: services, edge: divided(edge), version: divided(version), lookupError: divided(error),
    registrationError: divided(error), instance: divided(instance), agent: divided({ total: agent.total, within: Infinity }), arrivals: kinds,
    accounts: kinds,
  }
}

/** The names to count under where these have no room, one step coarser; null: there is nothing coarser. */
export function coarser(kind: CellKind, names: readonly string[]): readonly string[] | null {
  const step = shapes[kind]?.steps[stepOf(kind, names)]
  return step === undefined ? null : names.map((name, place) => step.includes(place) ? OVERFLOW : name)
}

/** How many steps coarser than a cell of its own: 0 for what has not overflowed. */
export function stepOf(kind: CellKind, names: readonly string[]): number {
  if (!names.includes(OVERFLOW)) return 0
  return (shapes[kind]?.steps ?? []).filter(step => step.every(place => names[place] === OVERFLOW)).length
}

/** How many cells of each kind there are, by parent: what new ones have to fit into. */
export class Room {
  readonly budgets: Budgets
  readonly #counts = new Map<CellKind, Counts>()
  readonly #refusedAt = new Map<CellKind, number>()

  constructor(budgets: Budgets = {}) {
    this.budgets = budgets
  }

  /** Cells of a kind, overflow cells included; 0 where there is no budget. */
  used(kind: CellKind): number {
    const counts = this.#counts.get(kind)
    return counts === undefined ? 0 : counts.own + counts.overflow
  }

  /** Whether a cell that does not exist yet may be made. */
  isFor(kind: CellKind, names: readonly string[]): boolean {
    const budget = this.budgets[kind]
    const counts = this.#counts.get(kind)
    if (budget === undefined || counts === undefined) return true
    if (stepOf(kind, names) > 0) return counts.overflow < budget.total * OVERFLOW_SHARE
    return counts.own < budget.total && (counts.within.get(parentOf(kind, names)) ?? 0) < budget.within
  }

  /** Whether nothing of a kind was refused before at this offset. */
  isFirstRefusal(kind: CellKind, offset: number): boolean {
    if (this.#refusedAt.get(kind) === offset) return false
    this.#refusedAt.set(kind, offset)
    return true
  }

  add(kind: CellKind, names: readonly string[]): void {
    this.#count(kind, names, 1)
  }

  remove(kind: CellKind, names: readonly string[]): void {
    this.#count(kind, names, -1)
  }

  #count(kind: CellKind, names: readonly string[], by: 1 | -1): void {
    if (this.budgets[kind] === undefined) return
    const counts = this.#counts.get(kind) ?? { own: 0, overflow: 0, within: new Map<string, number>() }
    this.#counts.set(kind, counts)
    if (stepOf(kind, names) > 0) {
      counts.overflow += by
      return
    }
    counts.own += by
    const parent = parentOf(kind, names)
    const within = (counts.within.get(parent) ?? 0) + by
    if (within > 0) counts.within.set(parent, within)
    else counts.within.delete(parent)
  }
}

interface Counts {
  own: number
  overflow: number
  readonly within: Map<string, number>
}

/** Different for different parents of a kind. */
function parentOf(kind: CellKind, names: readonly string[]): string {
  const [first = -1, second = -1] = shapes[kind]?.parent ?? []
  const one = names[first] ?? ''
  return second < 0 ? one : `${one.length} ${one}${names[second] ?? ''}`
}
