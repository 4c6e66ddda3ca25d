import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import type { LookupFunction as LookupFunctionOfSockets } from 'node:net'
import type { CacheResult } from '../contract/events.ts'
import type { AgentClock } from './clock.ts'
import { observed, type AsyncFunction, type Observed } from './observe.ts'
import { isOwnWork } from './own-work.ts'
import { inPlaceOf, isReplacement, originalOf, replaced, type Method } from './replacements.ts'
import type { ServiceName } from './service-name.ts'

/** What can be instrumented: resolvers of `node:dns` in both flavours, and the modules themselves. */
export type DnsResolver = dns.Resolver | dns.promises.Resolver | typeof dns | typeof dns.promises

/** Has the shape of `dns.lookup`, as sockets and HTTP agents take it by their option `lookup`. */
export type LookupFunction = LookupFunctionOfSockets

export interface ResolverOptions {
  /**
   * Which service a question is for; null: it is not recorded. `rrtype`: `A`, `SRV`, …; of `lookup` A, AAAA or, for both, ANY.
   * `serviceOfHostname` unless given.
   */
  serviceOf?: ((hostname: string, rrtype: string) => ServiceName | null) | undefined
  /** Which registry the server is, such as `coredns`. The agent's own `source` unless given. */
  source?: string | undefined
  /** Whether a cache answered. `answer`: what the promise gave, or the callback was given after its error. `cacheOfAnswer` unless given. */
  cacheOf?: ((hostname: string, answer: readonly unknown[]) => CacheResult) | undefined
}

export interface Question {
  hostname: string
  rrtype: string
}
/** Is told each question's ending, the value being what was answered in order; must not throw. */
export type Listener = (question: Question, ending: Observed<readonly unknown[]>) => void

type TypeOf = (args: readonly unknown[]) => string
const recordTypes = {
  resolve4: 'A', resolve6: 'AAAA', resolveAny: 'ANY', resolveCaa: 'CAA', resolveCname: 'CNAME', resolveMx: 'MX', resolveNaptr: 'NAPTR',
  resolveNs: 'NS', resolvePtr: 'PTR', resolveSoa: 'SOA', resolveSrv: 'SRV', resolveTlsa: 'TLSA', resolveTxt: 'TXT',
}
const methods: readonly [method: string, typeOf: TypeOf][] = [
  ['lookup', familyOf],
  ['resolve', args => typeof args[1] === 'string' ? args[1].toUpperCase() : 'A'],
  ...Object.entries(recordTypes).map(([name, rrtype]): [string, TypeOf] => [name, () => rrtype]),
]

interface Listening {
  /** Absent: the agent has let go, and what could not be taken back does as if it were not there. */
  listener?: Listener
  clock: AgentClock
}

const listening = new WeakMap<object, Listening & { undo: (() => void)[] }>()

/**
 * Makes a resolver tell `listener` of its questions, in place. On a resolver that has a listener already, the new one takes over.
 * The answer puts the resolver back as it was, unless another listener has taken over. Throws a TypeError where the methods cannot be replaced.
 */
export function listenTo(resolver: object, listener: Listener, clock: AgentClock): () => void {
  const state: Listening & { undo: (() => void)[] } = Object.assign(listening.get(resolver) ?? { undo: [] }, { listener, clock })
  for (const [name, typeOf] of methods) {
    const method: unknown = Reflect.get(resolver, name)
    if (typeof method !== 'function' || isReplacement(method)) continue
    state.undo.push(replaced(resolver, name, listened(method as Method, typeOf, state)))
  }
  listening.set(resolver, state)
  synced(resolver)
  return () => {
    if (state.listener !== listener) return
    delete state.listener
    for (const undo of state.undo.splice(0)) undo()
    listening.delete(resolver)
    synced(resolver)
  }
}

/** The same function, which tells. One that tells already, as an instrumented `dns.lookup` does, is taken for what it was before. */
export function listenedLookup(lookup: LookupFunction, listener: Listener, clock: AgentClock): LookupFunction {
  return listened(originalOf(lookup as Method), familyOf, { listener, clock })
}

/** Else `import { resolve4 } from 'node:dns'` would keep the method as it was. */
function synced(resolver: object): void {
  if (resolver === dns || resolver === dns.promises) syncBuiltinESMExports()
}

function listened(method: Method, typeOf: TypeOf, state: Listening): Method {
  return inPlaceOf(method, function (this: unknown, ...args: unknown[]): unknown {
    if (state.listener === undefined || isOwnWork()) return Reflect.apply(method, this, args)
    const tell = (ending: Observed<readonly unknown[]>): void => {
      if (ending.ok || !isMisuse(ending.error)) state.listener?.({ hostname: hostnameIn(args), rrtype: typeOf(args) }, ending)
    }
    const callback = args.at(-1)
    if (typeof callback === 'function') {
      args[args.length - 1] = calledBack(callback as Method, state.clock, tell)
      return Reflect.apply(method, this, args)
    }
    const promised = observed(method as AsyncFunction<unknown[], unknown>, state.clock, (_, ending) => {
      tell(ending.ok ? { ...ending, value: [ending.value] } : ending)
    })
    return Reflect.apply(promised, this, args)
  })
}

/** Trap: `dns.lookup` takes no name at all for this machine's. */
function hostnameIn([hostname]: readonly unknown[]): string {
  return typeof hostname === 'string' ? hostname : ''
}

function familyOf([, options]: readonly unknown[]): string {
  const family: unknown = typeof options === 'object' && options !== null && 'family' in options ? options.family : options
  if (family === 4 || family === 'IPv4') return 'A'
  return family === 6 || family === 'IPv6' ? 'AAAA' : 'ANY'
}

/** Wrong arguments: node throws before it asks anybody. */
function isMisuse(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_')
}

function calledBack(callback: Method, clock: AgentClock, tell: (ending: Observed<readonly unknown[]>) => void): Method {
  const start = clock.micros()
  return function (this: unknown, ...answer: unknown[]): unknown {
    const [error] = answer
    const micros = clock.micros() - start
    tell(error === null || error === undefined ? { ok: true, value: answer.slice(1), micros } : { ok: false, error, micros })
    return Reflect.apply(callback, this, answer)
  }
}
