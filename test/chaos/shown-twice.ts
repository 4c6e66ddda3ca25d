import type { Answer, Violation } from './watcher.ts'

/** As many of a shard's last answers are kept. */
const KEPT = 200

interface Showing {
  membership: string
  replica: string
  asked: number
  answered: number
  told: boolean
}

interface Shard {
  /** By membership: when the first answer that showed the shard had arrived. */
  since: Map<string, number>
  showings: Showing[]
}

/**
 * Finds shards that two replicas show. Two answers that overlap prove nothing, since a hand-over may lie between them; nor does A, B, A,
 * since a shard may go and come back. What cannot be is this: a replica shows a shard before and after another one does, and was given no
 * partitions in between, so that it held the shard all along. The replica's own count of rebalances says whether it was, so no time is
 * assumed for a hand-over. A replica that does not say it is taken to have held all along.
 */
export class ShownTwice {
  readonly #shards = new Map<string, Shard>()

  take({ replica, asked, answered, page }: Answer): Violation[] {
    const membership = membershipOf(replica, page.rebalances)
    return [...page.shards].flatMap(name => {
      const shard = this.#shards.get(name) ?? { since: new Map<string, number>(), showings: [] }
      this.#shards.set(name, shard)
      const since = shard.since.get(membership)
      if (since === undefined) shard.since.set(membership, answered)
      const within = shard.showings.filter(other =>
        !other.told && other.replica !== replica && since !== undefined && other.asked >= since && other.answered <= asked)
      for (const other of within) other.told = true
      remember(shard, { membership, replica, asked, answered, told: false })
      return within.map((other): Violation => ({ kind: 'twice', text: `${other.replica} shows ${name} while ${replica} holds it` }))
    })
  }
}

/** One stretch of a process' life in which it keeps its partitions. */
export function membershipOf(replica: string, rebalances: number | undefined): string {
  return `${replica} ${rebalances ?? ''}`
}

function remember({ since, showings }: Shard, showing: Showing): void {
  showings.push(showing)
  if (showings.length <= KEPT) return
  const gone = showings.shift()
  if (gone !== undefined && !showings.some(({ membership }) => membership === gone.membership)) since.delete(gone.membership)
}
