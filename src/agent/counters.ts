import { MAX_WEIGHT } from '../contract/bounds.ts'

export const dropReasons = ['droppedQueueFull', 'droppedTooLarge', 'droppedEncode', 'droppedSend', 'droppedShutdown'] as const
export type DropReason = (typeof dropReasons)[number]
/** Cumulative look-ups and registrations, weights included. */
export type Counts = Record<'recorded' | 'sent' | DropReason, number>

/** The agent's account. Law: recorded = sent + all drops + pending, after every call. */
export class Counters {
  readonly #counts: Counts = {
    recorded: 0, sent: 0, droppedQueueFull: 0, droppedTooLarge: 0, droppedEncode: 0, droppedSend: 0, droppedShutdown: 0,
  }

  record(units: number): void {
    this.#counts.recorded += units
  }

  acknowledge(units: number): void {
    this.#counts.sent += units
  }

  drop(reason: DropReason, units: number): void {
    this.#counts[reason] += units
  }

  /** Recorded, and neither sent nor dropped yet. */
  get pending(): number {
    return dropReasons.reduce((rest, reason) => rest - this.#counts[reason], this.#counts.recorded - this.#counts.sent)
  }

  snapshot(): Counts {
    return { ...this.#counts }
  }
}

/** How many look-ups an event of this weight counts for. A weight that the contract refuses counts once, as the one call that it was. */
export function unitsOf(weight: unknown): number {
  return typeof weight === 'number' && Number.isInteger(weight) && weight >= 0 && weight <= MAX_WEIGHT ? weight : 1
}
