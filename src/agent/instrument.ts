import type { Agent } from 'node:http'
import dns from 'node:dns'
import { cacheOfAnswer } from './cache.ts'
import type { AgentClock } from './clock.ts'
import type { ErrorOutlet } from './error-outlet.ts'
import { endingOf, endingWith, type Ending } from './failures.ts'
import type { LookupFields } from './fields.ts'
import { observed, type AsyncFunction, type Observed } from './observe.ts'
import { watchOwnWork } from './own-work.ts'
import { replaced } from './replacements.ts'
import { listenedLookup, listenTo, type DnsResolver, type Listener, type LookupFunction, type ResolverOptions } from './resolver.ts'
import { serviceOfHostname } from './service-name.ts'

const NOT_INSTRUMENTABLE = 'what is to be instrumented cannot be changed: pass a Resolver, an http.Agent, or the default export of node:dns'

/** Says what a finished call looked up; null: it is not recorded. `error` is undefined where the call succeeded. */
export type Describe<A extends unknown[], R> = (args: A, result: R | undefined, error: unknown) => LookupFields | null

export interface InstrumentationParts {
  /** May keep and change what it is given. */
  recordLookup: (lookup: LookupFields) => void
  errors: ErrorOutlet
  clock: AgentClock
}

/** Turns calls of the host's own functions into look-ups, until it is told to let go. */
export class Instrumentation {
  readonly #parts: InstrumentationParts
  /** One for each thing that was instrumented; of a resolver instrumented anew, the last. */
  readonly #undo = new Map<object, () => void>()
  /** Rises when the agent lets go; what was instrumented before records no more. */
  #epoch = 0

  constructor(parts: InstrumentationParts) {
    this.#parts = parts
  }

  wrap<A extends unknown[], R>(fn: AsyncFunction<A, R>, describe: Describe<A, R>): AsyncFunction<A, R> {
    const epoch = this.#epoch
    return observed(fn, this.#parts.clock, (args, call) => this.#record(epoch, () => {
      const described = call.ok ? describe(args, call.value, undefined) : describe(args, undefined, call.error)
      if (described === null) return null
      return { durationMicros: call.micros, ...ending(call, () => described.instances ?? -1), ...described }
    }))
  }

  resolver<R extends DnsResolver>(resolver: R, options: ResolverOptions): R {
    this.#change(resolver, () => listenTo(resolver, this.#listener(options), this.#parts.clock))
    return resolver
  }

  lookup(lookup: LookupFunction, options: ResolverOptions): LookupFunction {
    watchOwnWork()
    return listenedLookup(lookup, this.#listener(options), this.#parts.clock)
  }

  httpAgent<A extends Agent>(agent: A, options: ResolverOptions): A {
    this.#change(agent, () => {
      this.#undo.get(agent)?.()
      const own = optionsOf(agent)
      return replaced(own, 'lookup', this.lookup(own.lookup ?? dns.lookup, options))
    })
    return agent
  }

  /** Puts everything back as it was; functions that were handed out go on without being recorded. */
  restore(): void {
    this.#epoch += 1
    for (const undo of [...this.#undo.values()].toReversed()) undo()
    this.#undo.clear()
  }

  #change(target: object, change: () => () => void): void {
    try {
      watchOwnWork()
      this.#undo.set(target, change())
    } catch (cause) {
      this.#parts.errors.tell('NOT_INSTRUMENTABLE', () => NOT_INSTRUMENTABLE, cause)
    }
  }

  #listener({ serviceOf = serviceOfHostname, cacheOf = cacheOfAnswer, source }: ResolverOptions): Listener {
    const epoch = this.#epoch
    return ({ hostname, rrtype }, call) => this.#record(epoch, () => {
      const name = serviceOf(hostname, rrtype)
      if (name === null) return null
      const { namespace, service } = name
      const cache = call.ok ? cacheOf(hostname, call.value) : 'UNKNOWN'
      const { outcome, errorCategory, errorCode, instances } = ending(call, answersIn)
      // All of one shape, written out: this is the hot path.
      return {
        namespace, service, source, method: 'DNS', cache, outcome, errorCategory, errorCode, instances, durationMicros: call.micros,
        occurredAt: undefined, weight: undefined,
      }
    })
  }

  #record(epoch: number, lookup: () => LookupFields | null): void {
    if (epoch !== this.#epoch) return
    try {
      const fields = lookup()
      if (fields !== null) this.#parts.recordLookup(fields)
    } catch (cause) {
      const say = (): string => `a look-up is not recorded: the function that names its service threw (${String(cause)}). Correct it`
      this.#parts.errors.tell('CALLBACK_THREW', say, cause)
    }
  }
}

function ending<V>(call: Observed<V>, instancesIn: (value: V) => number): Ending {
  return call.ok ? endingWith(instancesIn(call.value)) : endingOf(call.error)
}

/** What the agent opens its sockets with; node sets it, and its types do not tell. */
function optionsOf(agent: Agent): { lookup?: LookupFunction } {
  const options: unknown = Reflect.get(agent, 'options')
  if (typeof options !== 'object' || options === null) throw new TypeError('this agent has no options')
  return options
}

/** All questions but SOA, and `lookup` without `all`, are answered by an array. */
function answersIn([value]: readonly unknown[]): number {
  return Array.isArray(value) ? value.length : 1
}
