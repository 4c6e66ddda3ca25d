import type { Resolution } from './resolution.ts'
import type { ServicePattern } from './service-pattern.ts'

/** A client goes through its search domains in a handful of steps; more is no search. */
const MAX_ATTEMPTS = 16

interface Stem {
  stem: string
  /** The search domain that was appended, by number; -1: none. */
  suffix: number
}

/** Which resolutions have found nothing yet, and go on if the next search domain is asked for. */
export class SearchIndex {
  readonly #domains: readonly ServicePattern[]
  /** By client and stem. */
  readonly #searching = new Map<string, { resolution: Resolution; suffix: number }>()

  constructor(domains: readonly ServicePattern[]) {
    this.#domains = domains
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
