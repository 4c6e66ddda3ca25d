import type { AgentClock } from './clock.ts'
import type { ErrorOutlet } from './error-outlet.ts'
import { endingOf, endingWith, type Ending } from './failures.ts'
import type { LookupFields } from './fields.ts'
import { observed, type AsyncFunction, type Observed } from './observe.ts'
import { listenTo, type DnsResolver, type ResolverOptions } from './resolver.ts'
import { serviceOfHostname } from './service-name.ts'

const NOT_INSTRUMENTABLE = 'the methods of this resolver cannot be replaced: pass a Resolver, or the default export of node:dns'

/** Says what a finished call looked up; null: it is not recorded. `error` is undefined where the call succeeded. */
export type Describe<A extends unknown[], R> = (args: A, result: R | undefined, error: unknown) => LookupFields | null

export interface InstrumentationParts {
  recordLookup: (lookup: LookupFields) => void
  errors: ErrorOutlet
  clock: AgentClock
}

/** Turns calls of the host's own functions into look-ups. */
export class Instrumentation {
  readonly #parts: InstrumentationParts

  constructor(parts: InstrumentationParts) {
    this.#parts = parts
  }

  wrap<A extends unknown[], R>(fn: AsyncFunction<A, R>, describe: Describe<A, R>): AsyncFunction<A, R> {
    return observed(fn, this.#parts.clock, (args, call) => this.#record(() => {
      const described = call.ok ? describe(args, call.value, undefined) : describe(args, undefined, call.error)
      if (described === null) return null
      return { durationMicros: call.micros, ...ending(call, () => described.instances ?? -1), ...described }
    }))
  }

  resolver<R extends DnsResolver>(resolver: R, { serviceOf = serviceOfHostname, source }: ResolverOptions): R {
    const { clock, errors } = this.#parts
    try {
      listenTo(resolver, ({ hostname, rrtype }, call) => this.#record(() => {
        const name = serviceOf(hostname, rrtype)
        if (name === null) return null
        return { ...name, source, method: 'DNS', durationMicros: call.micros, ...ending(call, answersIn) }
      }), clock)
    } catch (cause) {
      errors.tell('NOT_INSTRUMENTABLE', () => NOT_INSTRUMENTABLE, cause)
    }
    return resolver
  }

  #record(lookup: () => LookupFields | null): void {
    try {
      const fields = lookup()
      if (fields !== null) this.#parts.recordLookup(fields)
    } catch (cause) {
      const say = (): string => `a look-up is not recorded: the function that names its service threw (${String(cause)}). Correct it`
      this.#parts.errors.tell('CALLBACK_THREW', say, cause)
    }
  }
}

function ending(call: Observed<unknown>, instancesIn: (value: unknown) => number): Ending {
  return call.ok ? endingWith(instancesIn(call.value)) : endingOf(call.error)
}

/** All questions but SOA are answered by an array. */
function answersIn(value: unknown): number {
  return Array.isArray(value) ? value.length : 1
}
