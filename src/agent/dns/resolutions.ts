import type { Answer } from './answer.ts'
import { recordTypes, type Question } from './message.ts'
import { isComplete, isSatisfied, lastOf, questionKey, resolved, type Part, type Resolution, type Resolved } from './resolution.ts'
import { SearchIndex } from './search-index.ts'
import type { ServiceNames, ServicePattern } from './service-pattern.ts'

export interface ResolutionOptions {
  names: ServiceNames
  /** What clients' resolvers append. */
  searchDomains: readonly ServicePattern[]
  /** A question that belongs to another follows it, or the other's answer, within this long by the server's clock; milliseconds. 0: none does. */
  windowMs: number
  /** What belongs together comes within this long; not below `windowMs`. */
  holdMs: number
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

/** Of many alike that one address asks at once, this many are looked at for what belongs together. */
const MAX_LONE = 8
const addressTypes: readonly number[] = [recordTypes.A, recordTypes.AAAA]

/** Puts questions together that are one look-up. Each question counts once: as a look-up, or as what it was merged into. */
export class Resolutions {
  readonly #options: ResolutionOptions
  readonly #outlet: ResolutionOutlet
  /** By client and name, oldest first: those that a question for the other kind of address may belong to. */
  readonly #lone = new Map<string, Set<Resolution>>()
  /** By client, name and type: the question whose answer was cut off. */
  readonly #cutOff = new Map<string, Part>()
  readonly #searching: SearchIndex
  /** Those that something may still belong to, in the order in which their last question or answer came. */
  readonly #waiting = new Map<Resolution, number>()
  /** All that are not told yet. */
  readonly #untold = new Set<Resolution>()

  constructor(options: ResolutionOptions, outlet: ResolutionOutlet) {
    this.#options = options
    this.#searching = new SearchIndex({ ...options, limit: 4 * options.limit })
    this.#outlet = outlet
  }

  /** Takes a question in. Its answer is to be given once, to `answered`. */
  asked(client: string, question: Question & { askedAt: number }, now: number): Part {
    const { name, type, askedAt } = question
    const cutOff = this.#cutOff.get(`${client} ${name} ${type}`)
    if (cutOff !== undefined) return this.#again(cutOff, now)
    const resolution = this.#twinOf(client, question, now) ?? this.#searching.take(client, { name, askedAt }, found => this.#isFresh(found, now)) ?? this.#begin(client)
    let attempt = lastOf(resolution)
    if (attempt === undefined || attempt.name !== name) {
      attempt = { name, match: this.#options.names.match(name), parts: [] }
      resolution.attempts.push(attempt)
    }
    const part: Part = { type, resolution, askedAt, answeredAt: 0, answer: undefined }
    attempt.parts.push(part)
    resolution.open += 1
    if (!resolution.isAlone) {
      if (attempt.parts.length === 1 && addressTypes.includes(type)) this.#await(`${client} ${name}`, resolution)
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
    const attempt = lastOf(resolution)
    if (told.answer.isTruncated && !resolution.isAlone) this.#cutOff.set(questionKey(part), part)
    if (resolution.open > 0) return
    if (resolution.isAlone || attempt === undefined) return this.#tell(resolution)
    if (isSatisfied(attempt)) this.#searching.found(resolution.client, { name: attempt.name, askedAt: part.askedAt }, now)
    if (isComplete(attempt)) return this.#tell(resolution)
    this.#touch(resolution, now)
    if (!isSatisfied(attempt)) this.#searching.add(resolution, attempt.name)
  }

  /** Tells those that nothing more has come for. To be called again and again. */
  sweep(now: number): void {
    this.#searching.sweep(now)
    for (const [resolution, since] of this.#waiting) {
      if (since > now - this.#options.holdMs) return
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
    const isAlone = this.#options.windowMs === 0 || this.#untold.size >= this.#options.limit
    const resolution = { client, attempts: [], stem: undefined, usedSuffixes: new Set<number>(), open: 0, isAlone }
    if (!isAlone) this.#untold.add(resolution)
    return resolution
  }

  #await(key: string, resolution: Resolution): void {
    this.#lone.set(key, (this.#lone.get(key) ?? new Set()).add(resolution))
  }

  /** The same question, whose answer was cut off, once more. */
  #again(part: Part, now: number): Part {
    this.#cutOff.delete(questionKey(part))
    part.answer = undefined
    part.resolution.open += 1
    this.#outlet.sorted({ lookups: 0, twins: 1, searches: 0, others: 0 })
    this.#touch(part.resolution, now)
    return part
  }

  /** The oldest first: a server's threads overtake each other, but each tells what it saw in its order. */
  #twinOf(client: string, { name, type, askedAt }: Question & { askedAt: number }, now: number): Resolution | undefined {
    if (!addressTypes.includes(type)) return undefined
    const key = `${client} ${name}`
    let looked = 0
    for (const resolution of this.#lone.get(key) ?? []) {
      if (looked++ === MAX_LONE) return undefined
      const attempt = lastOf(resolution)
      const first = attempt?.parts[0]
      if (first === undefined || attempt?.name !== name || first.type === type || !this.#waiting.has(resolution)) continue
      const isTimed = first.askedAt > 0 && askedAt > 0
      if (isTimed ? Math.abs(first.askedAt - askedAt) > this.#options.windowMs : !this.#isFresh(resolution, now)) continue
      this.#forget(key, resolution)
      return resolution
    }
    return undefined
  }

  /** For servers that do not say when they were asked. */
  #isFresh(resolution: Resolution, now: number): boolean {
    return now - (this.#waiting.get(resolution) ?? -Infinity) <= this.#options.windowMs
  }

  #forget(key: string, resolution: Resolution): void {
    const lone = this.#lone.get(key)
    lone?.delete(resolution)
    if (lone?.size === 0) this.#lone.delete(key)
  }

  #touch(resolution: Resolution, now: number): void {
    if (resolution.isAlone) return
    this.#waiting.delete(resolution)
    this.#waiting.set(resolution, now)
  }

  #unindex(resolution: Resolution): void {
    const { client } = resolution
    this.#searching.remove(resolution)
    for (const { name, parts } of resolution.attempts) {
      this.#forget(`${client} ${name}`, resolution)
      for (const { type } of parts) {
        const key = `${client} ${name} ${type}`
        if (this.#cutOff.get(key)?.resolution === resolution) this.#cutOff.delete(key)
      }
    }
  }

  #tell(resolution: Resolution): void {
    this.#waiting.delete(resolution)
    this.#untold.delete(resolution)
    this.#unindex(resolution)
    const counts = resolution.attempts.map(({ parts }) => parts.length)
    const all = counts.reduce((sum, count) => sum + count, 0)
    if (!resolution.attempts.some(isSatisfied) && this.#searching.wasFound(resolution)) {
      return this.#outlet.sorted({ lookups: 0, twins: 0, searches: all, others: 0 })
    }
    const lookup = resolved(resolution)
    if (lookup === null) return this.#outlet.sorted({ lookups: 0, twins: 0, searches: 0, others: all })
    const twins = all - counts.length
    this.#outlet.sorted({ lookups: 1, twins, searches: all - 1 - twins, others: 0 })
    this.#outlet.lookup(lookup)
  }
}
