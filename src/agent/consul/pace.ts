/** The longest that one question waits in Consul, in milliseconds. So long may a connection be dead before that is noticed. */
const LONGEST_MS = 60_000
/** Where questions take turns: how long a round of all of them should take, and the least that one waits. */
const ROUND_MS = 10_000
const LEAST_MS = 500

export interface Load {
  /** Questions that are to be asked. */
  watched: number
  /** Those that may be under way at once. */
  slots: number
}

/** How long a question waits in Consul for a change, in milliseconds: briefly if others wait for its slot. */
export function waitMs({ watched, slots }: Load): number {
  return watched <= slots ? LONGEST_MS : Math.min(LONGEST_MS, Math.max(LEAST_MS, ROUND_MS * slots / watched))
}
