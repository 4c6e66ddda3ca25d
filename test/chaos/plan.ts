import type { Random } from '../../demo/random.ts'

/** What is done to the deployment. A closed list; the report counts by it. */
export const faultKinds = ['kill', 'stop', 'broker-kill', 'broker-pause', 'rolling-restart', 'add', 'remove'] as const
export type FaultKind = (typeof faultKinds)[number]

export interface Fault {
  kind: FaultKind
  /** Chooses the replica among those that can be hit: at least 0, below 1. */
  pick: number
  /** How long it lasts, in milliseconds: until the start after a kill, the continuation after a stop. */
  hold: number
  /** From its end to the next one, in milliseconds: short enough at times that the next meets the recovery from it. */
  settle: number
}

export interface PlanOptions {
  /** Replicas at the start, the fewest and the most. */
  start: number
  fewest: number
  most: number
  /** Milliseconds. */
  sessionTimeout: number
  /** Added to the shortest time between two faults, at most, in milliseconds. */
  slack: number
  /** False where the broker is not ours to hurt. */
  broker: boolean
}

interface Times {
  /** The shortest and the longest. */
  hold: readonly [number, number]
  /** The least to let it be. */
  settle: number
}

/** Milliseconds; some last beyond the session timeout. */
function timesOf(session: number): Record<FaultKind, Times> {
  return {
    // What the replica owned is shown again when the group has given it up.
    'kill': { hold: [200, 3_000], settle: session + 1_000 },
    'stop': { hold: [session + 1_000, session + 3_000], settle: 2_000 },
    'broker-kill': { hold: [300, 2_500], settle: 3_000 },
    'broker-pause': { hold: [1_500, session * 1.4], settle: 2_500 },
    'rolling-restart': { hold: [100, 1_000], settle: 2_500 },
    'add': { hold: [0, 0], settle: 2_500 },
    'remove': { hold: [0, 0], settle: 2_500 },
  }
}

/** With this chance the next fault does not wait for the recovery, once every kind has been seen. */
const OVERLAP = 0.3

/** Faults without end. Each kind comes once before any comes again; what a seed gives never changes. */
export function* plan(random: Random, options: PlanOptions): Generator<Fault> {
  const times = timesOf(options.sessionTimeout)
  let replicas = options.start
  let seen = 0
  const kinds = faultKinds.filter(kind => options.broker || !kind.startsWith('broker'))
  for (;;) {
    const deck = shuffled(random, kinds)
    while (deck.length > 0) {
      const at = deck.findIndex(kind => possible(kind, replicas, options))
      const [kind] = at < 0 ? [] : deck.splice(at, 1)
      if (kind === undefined) break
      replicas += kind === 'add' ? 1 : kind === 'remove' ? -1 : 0
      const { hold: [shortest, longest], settle } = times[kind]
      const hold = Math.round(shortest + random.next() * (longest - shortest))
      const hasty = random.chance(OVERLAP) && seen >= kinds.length
      const calm = settle + random.next() * options.slack
      yield { kind, pick: random.next(), hold, settle: Math.round(hasty ? random.next() * 500 : calm) }
      seen++
    }
  }
}


function possible(kind: FaultKind, replicas: number, { fewest, most }: PlanOptions): boolean {
  if (kind === 'add') return replicas < most
  return kind === 'remove' ? replicas > fewest : true
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const left = [...items]
  return items.flatMap(() => left.splice(random.below(left.length), 1))
}
