import { TtlCache } from './cache.ts'
import type { Ledger } from './ledger.ts'
import { nameOf } from './ledger.ts'
import type { Asker, Questions, ServiceAgent } from './questions.ts'
import type { Random } from './random.ts'
import type { Edge } from './shop.ts'

const BYPASS = 0.02
const TTL_MILLIS = 600
const STALE_MILLIS = 10_000
/** Look-ups that the cache answers in one go, a page that renders ten products say, are one event of that weight. */
const MOST_HITS = 4

export interface ClientContext {
  agent: Pick<ServiceAgent, 'recordLookup'>
  questions: Questions
  ledger: Ledger
  random: Random
}

/**
 * How a service looks up others: by SRV record through a cache, by A record without one. A question that the cache passes on is one
 * look-up, and where it fails, the old answer that the cache gives instead is another.
 */
export class Client {
  readonly #context: ClientContext
  readonly #cache = new TtlCache<number>({ ttlMillis: TTL_MILLIS, staleMillis: STALE_MILLIS })

  constructor(context: ClientContext) {
    this.#context = context
  }

  /** Resolves to the number of look-ups made. Never rejects: a service that finds nobody goes on. */
  async lookUp(edge: Edge, asker: Asker, now: number): Promise<number> {
    if (edge.record === 'A') {
      await this.#count(edge, this.#context.questions.plain(edge))
      return 1
    }
    if (this.#context.random.chance(BYPASS)) {
      await this.#count(edge, this.#context.questions.cached(edge, 'BYPASS', asker))
      return 1
    }
    return this.#throughCache(edge, asker, now)
  }

  async #throughCache(edge: Edge, asker: Asker, now: number): Promise<number> {
    const key = `${asker.clientInstance} ${nameOf(edge)}`
    const cached = this.#cache.get(key, now)
    if (cached?.state === 'fresh') return this.#fromCache('HIT', { edge, asker, instances: cached.value })
    const answer = await this.#count(edge, this.#context.questions.cached(edge, 'MISS', asker))
    if (typeof answer === 'number') this.#cache.put(key, answer, now)
    else if (cached !== undefined && answer === 'no answer') return 1 + this.#fromCache('STALE', { edge, asker, instances: cached.value })
    return 1
  }

  #fromCache(cache: 'HIT' | 'STALE', { edge, asker, instances }: { edge: Edge; asker: Asker; instances: number }): number {
    const { agent, ledger, random } = this.#context
    const weight = cache === 'HIT' ? 1 + random.below(MOST_HITS) : 1
    // 5 to 60 microseconds each: they share the lowest bucket, as look-ups of one event must.
    const durationMicros = Array.from({ length: weight }, () => 5 + random.below(56)).reduce((sum, micros) => sum + micros, 0)
    const { namespace, service } = edge
    ledger.lookup(edge, weight)
    agent.recordLookup({
      namespace, service, ...asker, method: 'DNS', cache, outcome: instances === 0 ? 'EMPTY' : 'SUCCESS', instances, weight, durationMicros,
    })
    return weight
  }

  /** Enters a question in the ledger and sorts its ending: how many instances, that there are none of that name, or no answer. */
  async #count(edge: Edge, question: Promise<number>): Promise<number | 'no such name' | 'no answer'> {
    this.#context.ledger.lookup(edge)
    try {
      return await question
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'ENODATA') return 0
      return code === 'ENOTFOUND' ? 'no such name' : 'no answer'
    }
  }
}
