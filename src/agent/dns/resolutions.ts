import type { Answer } from './answer.ts'
import { recordTypes, type Question } from './message.ts'
import { isComplete, isSatisfied, lastOf, resolved, type Part, type Resolution, type Resolved } from './resolution.ts'
import type { ServiceNames, ServicePattern } from './service-pattern.ts'

export interface ResolutionOptions {
  names: ServiceNames
  /** What clients' resolvers append. */
  searchDomains: readonly ServicePattern[]
  /** A question that belongs to another follows it, or the other's answer, within this long; milliseconds. */
  windowMs: number
  /** Most resolutions that wait for what belongs to them; others are told as they are. */
  limit: number
}

/** What became of the questions of one resolution: `lookups` is 1 or 0, and the sum is their number. */
export interface Sorted {
  lookups: number
  /** A and AAAA of one name, or one question once more over TCP. */
  twins: number
  /** Names that only search domains made. */
  searches: number
  /** Names of no service. */
  others: number
}

export interface ResolutionOutlet {
  lookup: (lookup: Resolved) => void
  sorted: (sorted: Sorted) => void
}

/** A client goes through its search domains in a handful of steps; more is no search. */
const MAX_ATTEMPTS = 16
const addressTypes: readonly number[] = [recordTypes.A, recordTypes.AAAA]

/** Puts questions together that are one look-up. Each question counts once: as a look-up, or as what it was merged into. */
export class Resolutions {
  readonly #options: ResolutionOptions
  readonly #outlet: ResolutionOutlet
  /** By client and name: to which an AAAA question belongs, or an A. */
  readonly #current = new Map<string, Resolution>()
  /** By client and stem: which goes on if the next search domain is asked for. */
  readonly #searching = new Map<string, { resolution: Resolution; suffix: number }>()
  /** Those that something may still belong to, in the order in which their last question or answer came. */
  readonly #waiting = new Map<Resolution, number>()
  /** All that are not told yet. */
  readonly #untold = new Set<Resolution>()

  constructor(options: ResolutionOptions, outlet: ResolutionOutlet) {
    this.#options = options
    this.#outlet = outlet
  }

  /** Takes a question in. Its answer is to be given once, to `answered`. */
  asked(client: string, question: Question & { askedAt: number }, now: number): Part {
    const { name, type, askedAt } = question
    const cut = this.#cutOff(client, question)
    if (cut !== undefined) return this.#again(cut, now)
    const resolution = this.#twinOf(client, question) ?? this.#searchOf(client, name) ?? this.#begin(client)
    let attempt = lastOf(resolution)
    if (attempt === undefined || attempt.name !== name) {
      attempt = { name, match: this.#options.names.match(name), parts: [] }
      resolution.attempts.push(attempt)
    }
    const part: Part = { type, resolution, askedAt, answeredAt: 0, answer: undefined }
    attempt.parts.push(part)
    resolution.open += 1
    if (!resolution.isAlone) {
      this.#current.set(`${client} ${name}`, resolution)
      this.#touch(resolution, now)
    }
    return part
  }

  answered(part: Part, told: { answer: Answer; askedAt: number; answeredAt: number }, now: number): void {
    const { resolution } = part
    part.answer = told.answer
    part.answeredAt = told.answeredAt
    part.askedAt ||= told.askedAt
    resolution.open -= 1
    if (resolution.open > 0) return
    const attempt = lastOf(resolution)
    if (resolution.isAlone || attempt === undefined || isComplete(attempt)) return this.#tell(resolution)
    this.#touch(resolution, now)
    if (isSatisfied(attempt)) return
    for (const { key, suffix } of this.#stemsOf(resolution, attempt.name)) this.#searching.set(key, { resolution, suffix })
  }

  /** Tells those that nothing more has come for. To be called again and again. */
  sweep(now: number): void {
    for (const [resolution, since] of this.#waiting) {
      if (since > now - this.#options.windowMs) return
      // One with an open question comes back when that is answered or given up.
      if (resolution.open > 0) this.#waiting.delete(resolution)
      else this.#tell(resolution)
    }
  }

  /** Tells all, without the questions that were not answered. */
  close(): void {
    for (const resolution of this.#untold) {
      for (const attempt of resolution.attempts) attempt.parts = attempt.parts.filter(part => part.answer !== undefined)
      const attempts = resolution.attempts.filter(({ parts }) => parts.length > 0)
      resolution.attempts.splice(0, Infinity, ...attempts)
      this.#tell(resolution)
    }
  }

  #begin(client: string): Resolution {
    const isAlone = this.#untold.size >= this.#options.limit
    const resolution = { client, attempts: [], stem: undefined, usedSuffixes: new Set<number>(), open: 0, isAlone }
    if (!isAlone) this.#untold.add(resolution)
    return resolution
  }

  /** The same question, if its answer was cut off: it is asked once more. */
  #cutOff(client: string, { name, type }: Question): Part | undefined {
    const resolution = this.#current.get(`${client} ${name}`)
    const attempt = resolution && lastOf(resolution)
    return attempt?.name === name ? attempt.parts.find(part => part.type === type && part.answer?.isTruncated === true) : undefined
  }

  #again(part: Part, now: number): Part {
    part.answer = undefined
    part.resolution.open += 1
    this.#outlet.sorted({ lookups: 0, twins: 1, searches: 0, others: 0 })
    this.#touch(part.resolution, now)
    return part
  }

  #twinOf(client: string, { name, type }: Question): Resolution | undefined {
    const resolution = this.#current.get(`${client} ${name}`)
    const attempt = resolution && lastOf(resolution)
    if (resolution === undefined || !this.#waiting.has(resolution)) return undefined
    const isTwin = attempt?.name === name && addressTypes.includes(type)
      && attempt.parts.length === 1 && attempt.parts.every(part => addressTypes.includes(part.type) && part.type !== type)
    return isTwin ? resolution : undefined
  }

  #searchOf(client: string, name: string): Resolution | undefined {
    for (const { stem, suffix } of this.#stems(name)) {
      const found = this.#searching.get(`${client} ${stem}`)
      if (found === undefined || found.resolution.usedSuffixes.has(suffix) || found.suffix === suffix) continue
      const { resolution } = found
      if (resolution.open > 0 || resolution.attempts.length >= MAX_ATTEMPTS) continue
      this.#unindex(resolution)
      resolution.stem = stem
      resolution.usedSuffixes.add(found.suffix).add(suffix)
      return resolution
    }
    return undefined
  }

  /** What a name is without each of the search domains: with none it is itself. */
  #stems(name: string): { stem: string; suffix: number }[] {
    const labels = name.split('.')
    const stems = [{ stem: name, suffix: -1 }]
    for (const [suffix, domain] of this.#options.searchDomains.entries()) {
      const length = domain.suffixLength(labels)
      if (length > 0) stems.push({ stem: labels.slice(0, -length).join('.'), suffix })
    }
    return stems
  }

  #stemsOf({ client, stem: known }: Resolution, name: string): { key: string; suffix: number }[] {
    return this.#stems(name).flatMap(({ stem, suffix }) => known === undefined || stem === known ? { key: `${client} ${stem}`, suffix } : [])
  }

  #touch(resolution: Resolution, now: number): void {
    if (resolution.isAlone) return
    this.#waiting.delete(resolution)
    this.#waiting.set(resolution, now)
  }

  #unindex(resolution: Resolution): void {
    for (const { name } of resolution.attempts) {
      const key = `${resolution.client} ${name}`
      if (this.#current.get(key) === resolution) this.#current.delete(key)
      for (const { stem } of this.#stems(name)) {
        if (this.#searching.get(`${resolution.client} ${stem}`)?.resolution === resolution) this.#searching.delete(`${resolution.client} ${stem}`)
      }
    }
  }

  #tell(resolution: Resolution): void {
    this.#waiting.delete(resolution)
    this.#untold.delete(resolution)
    this.#unindex(resolution)
    const counts = resolution.attempts.map(({ parts }) => parts.length)
    const all = counts.reduce((sum, count) => sum + count, 0)
    const lookup = resolved(resolution)
    if (lookup === null) return this.#outlet.sorted({ lookups: 0, twins: 0, searches: 0, others: all })
    const twins = all - counts.length
    this.#outlet.sorted({ lookups: 1, twins, searches: all - 1 - twins, others: 0 })
    this.#outlet.lookup(lookup)
  }
}
