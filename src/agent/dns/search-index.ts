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

export interface SearchIndexOptions {
  domains: readonly ServicePattern[]
  windowMs: number
  /** Most names that were found and are remembered. */
  limit: number
}

/** Which resolutions have found nothing yet, and go on if the next search domain is asked for; and which searches have come to their end. */
export class SearchIndex {
  readonly #domains: readonly ServicePattern[]
  readonly #windowMs: number
  readonly #limit: number
  /** By client and stem, oldest first. */
  readonly #found = new Map<string, Found>()
  /** By client and stem. */
  readonly #searching = new Map<string, { resolution: Resolution; suffix: number }>()

  constructor({ domains, windowMs, limit }: SearchIndexOptions) {
    this.#domains = domains
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

  /** Takes out the resolution that goes on with this name, if one does: the same stem, and a search domain that it has not tried. */
  take(client: string, name: string): Resolution | undefined {
    for (const { stem, suffix } of this.#stems(name)) {
      const found = this.#searching.get(`${client} ${stem}`)
      if (found === undefined || found.resolution.usedSuffixes.has(suffix) || found.suffix === suffix) continue
      const { resolution } = found
      if (resolution.open > 0 || resolution.attempts.length >= MAX_ATTEMPTS) continue
      this.remove(resolution)
      resolution.stem = stem
      resolution.usedSuffixes.add(found.suffix).add(suffix)
      return resolution
    }
    return undefined
  }

  /** The client found this name, which it asked for at `askedAt`. */
  found(client: string, { name, askedAt }: { name: string; askedAt: number }, now: number): void {
    for (const { stem, suffix } of this.#stems(name)) {
      this.#found.delete(`${client} ${stem}`)
      if (this.#found.size < this.#limit) this.#found.set(`${client} ${stem}`, { suffix, askedAt, since: now })
    }
  }

  /**
   * Whether a search that found nothing was a step to what was found elsewhere: of the same stem, and asked for no later. A server's threads
   * may have told of the end before the step.
   */
  wasFound({ client, attempts }: Resolution): boolean {
    const asked = Math.max(...attempts.flatMap(({ parts }) => parts.map(({ askedAt }) => askedAt)))
    return attempts.some(({ name }) => this.#stems(name).some(({ stem, suffix }) => {
      const found = this.#found.get(`${client} ${stem}`)
      if (found === undefined || found.suffix === suffix) return false
      const later = found.askedAt - asked
      return asked === 0 || found.askedAt === 0 || (later >= 0 && later <= 2 * this.#windowMs)
    }))
  }

  /** Forgets what was found long enough ago. To be called again and again. */
  sweep(now: number): void {
    for (const [key, { since }] of this.#found) {
      if (since > now - 3 * this.#windowMs) return
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
