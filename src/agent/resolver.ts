import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import type { AgentClock } from './clock.ts'
import { observed, type AsyncFunction, type Observed } from './observe.ts'
import type { ServiceName } from './service-name.ts'

/** What can be instrumented: resolvers of `node:dns` in both flavours, and the modules themselves. */
export type DnsResolver = dns.Resolver | dns.promises.Resolver | typeof dns | typeof dns.promises

export interface ResolverOptions {
  /** Which service a question is for; null: it is not recorded. `rrtype`: `A`, `SRV`, …. `serviceOfHostname` unless given. */
  serviceOf?: ((hostname: string, rrtype: string) => ServiceName | null) | undefined
  /** Which registry the server is, such as `coredns`. The agent's own `source` unless given. */
  source?: string | undefined
}

/** Is told each question's ending; must not throw. */
export type Listener = (question: { hostname: string; rrtype: string }, observed: Observed<unknown>) => void

const recordTypes = {
  resolve4: 'A', resolve6: 'AAAA', resolveAny: 'ANY', resolveCaa: 'CAA', resolveCname: 'CNAME', resolveMx: 'MX', resolveNaptr: 'NAPTR',
  resolveNs: 'NS', resolvePtr: 'PTR', resolveSoa: 'SOA', resolveSrv: 'SRV', resolveTlsa: 'TLSA', resolveTxt: 'TXT',
}
/** `resolve` has its type among its arguments. */
const methods: [method: string, rrtype: string | undefined][] = [['resolve', undefined], ...Object.entries(recordTypes)]

type Method = (...args: unknown[]) => unknown
interface Listening {
  listener: Listener
  clock: AgentClock
}

const listening = new WeakMap<object, Listening>()

const wrappers = new WeakSet<object>()

/**
 * Makes a resolver tell `listener` of its questions, in place. On a resolver that has a listener already, the new one takes over.
 * Throws a TypeError where the methods cannot be replaced.
 */
export function listenTo(resolver: object, listener: Listener, clock: AgentClock): void {
  const state = Object.assign(listening.get(resolver) ?? {}, { listener, clock })
  for (const [name, rrtype] of methods) {
    const method: unknown = Reflect.get(resolver, name)
    if (typeof method !== 'function' || wrappers.has(method)) continue
    const descriptor = Object.getOwnPropertyDescriptor(resolver, name) ?? { configurable: true, enumerable: false, writable: true }
    Object.defineProperty(resolver, name, { ...descriptor, value: listened(method as Method, rrtype, state) })
  }
  listening.set(resolver, state)
  // Else `import { resolve4 } from 'node:dns'` would keep the method as it was.
  if (resolver === dns || resolver === dns.promises) syncBuiltinESMExports()
}

function listened(method: Method, fixedType: string | undefined, state: Listening): Method {
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    const rrtype = fixedType ?? (typeof args[1] === 'string' ? args[1].toUpperCase() : 'A')
    const tell = (ending: Observed<unknown>): void => {
      if (ending.ok || !isMisuse(ending.error)) state.listener({ hostname: String(args[0]), rrtype }, ending)
    }
    const callback = args.at(-1)
    if (typeof callback === 'function') {
      return Reflect.apply(method, this, [...args.slice(0, -1), calledBack(callback as Method, state.clock, tell)])
    }
    const promised = observed(method as AsyncFunction<unknown[], unknown>, state.clock, (_, ending) => tell(ending))
    return Reflect.apply(promised, this, args)
  }
  wrappers.add(wrapper)
  return Object.defineProperties(wrapper, { name: { value: method.name }, length: { value: method.length } })
}

/** Wrong arguments: node throws before it asks anybody. */
function isMisuse(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_')
}

function calledBack(callback: Method, clock: AgentClock, tell: (ending: Observed<unknown>) => void): Method {
  const start = clock.micros()
  return function (this: unknown, ...answer: unknown[]): unknown {
    const [error, value] = answer
    const micros = clock.micros() - start
    tell(error === null || error === undefined ? { ok: true, value, micros } : { ok: false, error, micros })
    return Reflect.apply(callback, this, answer)
  }
}
