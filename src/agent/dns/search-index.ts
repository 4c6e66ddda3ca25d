import type { Resolution } from './resolution.ts'
import type { ServicePattern } from './service-pattern.ts'

/** A client goes through its search domains in a handful of steps; more is no search. */
const MAX_ATTEMPTS = 16

interface Stem {
  stem: string
  /** The search domain that was appended, by number; -1: none. */
  suffix: number
}

/** What was found a moment ago, and when it was asked for: milliseconds by the server's clock, 0 if it does not say. */
interface Found {
  suffix: number
  askedAt: number
  since: number
}

/** A name, and when it was asked for: as in Found. */
interface Step {
  name: string
  askedAt: number
}

export interface SearchIndexOptions {
  searchDomains: readonly ServicePattern[]
  /** As in ResolutionOptions. */
  windowMs: number
  holdMs: number
  /** Most names that were found and are remembered. */
  limit: number
}

/** Which resolutions have found nothing yet, and go on if the next search domain is asked for; and which searches have come to their end. */
export class SearchIndex {
  readonly #domains: readonly ServicePattern[]
  readonly #windowMs: number
  readonly #holdMs: number
  readonly #limit: number
  /** By client and stem, oldest first. */
  readonly #found = new Map<string, Found>()
  /** By client and stem. */
  readonly #searching = new Map<string, { resolution: Resolution; suffix: number }>()

  constructor({ searchDomains, windowMs, holdMs, limit }: SearchIndexOptions) {
    this.#domains = searchDomains
    this.#holdMs = holdMs
    this.#windowMs = windowMs
    this.#limit = limit
  }

  /** The resolution found nothing under this name. */
  add(resolution: Resolution, name: string): void {
    const { client, stem: known } = resolution
    for (const { stem, suffix } of this.#stems(name)) {
      if (known === undefined || stem === known) this.#searching.set(`${client} ${stem}`, { resolution, suffix })
    }
  }

  /**
   * Takes out the resolution that goes on with this name, if one does: the same stem, a search domain that it has not tried, and asked for
   * as soon as the step before was answered; `isFresh` says so where the server tells no times.
   */
  take(client: string, { name, askedAt }: Step, isFresh: (resolution: Resolution) => boolean): Resolution | undefined {
    for (const { stem, suffix } of this.#stems(name)) {
      const found = this.#searching.get(`${client} ${stem}`)
      if (found === undefined || found.resolution.usedSuffixes.has(suffix) || found.suffix === suffix) continue
      const { resolution } = found
      if (resolution.open > 0 || resolution.attempts.length >= MAX_ATTEMPTS) continue
      if (!(this.#follows(resolution, askedAt) ?? isFresh(resolution))) continue
      this.remove(resolution)
      resolution.stem = stem
      resolution.usedSuffixes.add(found.suffix).add(suffix)
      return resolution
    }
    return undefined
  }

  /** The client found this name, which it asked for at `askedAt`. */
  found(client: string, { name, askedAt }: Step, now: number): void {
    for (const { stem, suffix } of this.#stems(name)) {
      this.#found.delete(`${client} ${stem}`)
      if (this.#found.size < this.#limit) this.#found.set(`${client} ${stem}`, { suffix, askedAt, since: now })
    }
  }

  /**
   * Whether a search that found nothing was a step to what was found elsewhere: of the same stem, and asked for no later. A server's threads
   * may have told of the end before the step.
   */
  wasFound(resolution: Resolution): boolean {
    return resolution.attempts.some(({ name }) => this.#stems(name).some(({ stem, suffix }) => {
      const found = this.#found.get(`${resolution.client} ${stem}`)
      return found !== undefined && found.suffix !== suffix && (this.#follows(resolution, found.askedAt) ?? true)
    }))
  }

  /** Whether what was asked for then comes next after what is answered; undefined where the server does not say when. */
  #follows({ attempts }: Resolution, askedAt: number): boolean | undefined {
    const parts = attempts.flatMap(attempt => attempt.parts)
    const asked = Math.max(...parts.map(part => part.askedAt))
    const answered = Math.max(...parts.map(part => part.answeredAt))
    if (askedAt === 0 || asked === 0 || answered === 0) return undefined
    return askedAt >= asked && askedAt <= answered + this.#windowMs
  }

  /** Forgets what was found long enough ago. To be called again and again. */
  sweep(now: number): void {
    for (const [key, { since }] of this.#found) {
      if (since > now - 2 * this.#holdMs) return
      this.#found.delete(key)
    }
  }

  remove(resolution: Resolution): void {
    for (const { stem } of resolution.attempts.flatMap(({ name }) => this.#stems(name))) {
      const key = `${resolution.client} ${stem}`
      if (this.#searching.get(key)?.resolution === resolution) this.#searching.delete(key)
    }
  }

  /** What a name is without each of the search domains: with none it is itself. */
  #stems(name: string): Stem[] {
    const labels = name.split('.')
    const stems = [{ stem: name, suffix: -1 }]
    for (const [suffix, domain] of this.#domains.entries()) {
      const length = domain.suffixLength(labels)
      if (length > 0) stems.push({ stem: labels.slice(0, -length).join('.'), suffix })
    }
    return stems
  }
}
