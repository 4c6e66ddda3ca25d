import { addressBytes } from '../dns/address.ts'
import type { DnsRules } from '../dns/rules.ts'
import type { ServiceName } from '../dns/service-pattern.ts'
import type { LookupFields } from '../fields.ts'
import { OWN_QUESTION } from './consul-connection.ts'
import type { InstanceAddresses } from './instance-addresses.ts'
import { readMonitorLine, type MonitorLine } from './monitor-line.ts'
import { Tally } from './tally.ts'

/** What a line was: a look-up; the other kind of address of one; a question of ours; of something else; or unreadable. */
export const lineFindings = ['lookup', 'twin', 'own', 'other', 'unreadable'] as const
export const askerFindings = ['registration', 'static', 'ambiguous', 'unknown'] as const

/** A and AAAA of one name are one look-up if they come within this, in milliseconds of Consul's clock. */
const TWIN_MS = 200
/** Most that is remembered of questions that something may still belong to. */
const MOST_REMEMBERED = 10_000

export interface MonitorLookupsParts {
  rules: Pick<DnsRules, 'names' | 'networks'>
  addresses: InstanceAddresses
  source: () => string
  record: (lookup: LookupFields) => void
}

/** Makes look-ups of what Consul's log tells of its HTTP API and its DNS. */
export class MonitorLookups {
  readonly lines = new Tally(lineFindings)
  readonly askers = new Tally(askerFindings)
  readonly #parts: MonitorLookupsParts
  /** By who asked: why the question that is about to be told failed. */
  readonly #errors = new Map<string, string>()
  /** By who asked and for what: questions for one kind of address. */
  readonly #lone = new Map<string, { type: string; at: number }>()

  constructor(parts: MonitorLookupsParts) {
    this.#parts = parts
  }

  /** Takes a line; undefined: it was too long. */
  take(text: string | undefined): void {
    const line = text === undefined ? undefined : readMonitorLine(text)
    if (line === undefined) return this.lines.add('unreadable')
    if (line.kind === 'http') return this.#takeHttp(line)
    if (line.kind === 'dns') return this.#takeDns(line)
    if (line.kind === 'http_error') remember(this.#errors, line.from, line.error)
    this.lines.add('other')
  }

  #takeHttp({ from, url, at, durationMicros }: Extract<MonitorLine, { kind: 'http' }>): void {
    const error = this.#errors.get(from)
    this.#errors.delete(from)
    const asked = URL.parse(url, 'http://consul')
    const service = asked === null ? '' : serviceIn(asked.pathname)
    if (asked === null || service === '') return this.lines.add('other')
    if (asked.searchParams.has(OWN_QUESTION)) return this.lines.add('own')
    // A blocking query's time is what it waited for a change.
    const waits = !['', '0'].includes(asked.searchParams.get('index') ?? '')
    this.#record(from, {
      namespace: '', service, occurredAt: at, ...(waits ? { method: 'WATCH' } : { method: 'HTTP', durationMicros }),
      ...(error === undefined ? {} : failureOf(error)),
    })
  }

  #takeDns({ from, name, type, at, durationMicros }: Extract<MonitorLine, { kind: 'dns' }>): void {
    const asked = name.toLowerCase().replace(/\.$/, '')
    const match = type === 'other' ? null : this.#parts.rules.names.match(asked)
    if (match === null) return this.lines.add('other')
    if (type !== 'SRV' && this.#isTwin(`${hostOf(from)} ${asked}`, { type, at })) return this.lines.add('twin')
    this.#record(from, { namespace: match.namespace, service: match.service, occurredAt: at, method: 'DNS', durationMicros })
  }

  #isTwin(key: string, { type, at }: { type: string; at: number }): boolean {
    const lone = this.#lone.get(key)
    this.#lone.delete(key)
    if (lone !== undefined && lone.type !== type && Math.abs(at - lone.at) <= TWIN_MS) return true
    remember(this.#lone, key, { type, at })
    return false
  }

  #record(from: string, lookup: LookupFields): void {
    const { source, record } = this.#parts
    const { namespace, service } = this.#askerAt(hostOf(from))
    this.lines.add('lookup')
    record({ source: source(), clientNamespace: namespace, client: service, clientInstance: '', zone: '', ...lookup })
  }

  #askerAt(host: string): ServiceName {
    const { addresses, rules } = this.#parts
    const services = addresses.servicesAt(host)
    const [only] = services
    const bytes = addressBytes(host)
    const named = bytes === undefined ? undefined : rules.networks.find(bytes)
    const isKnown = only !== undefined && services.length === 1
    this.askers.add(isKnown ? 'registration' : named === undefined ? (services.length > 1 ? 'ambiguous' : 'unknown') : 'static')
    return isKnown ? { namespace: '', service: only } : named ?? { namespace: '', service: '' }
  }
}

const lookupPath = /^\/v1\/(?:health\/(?:service|connect|ingress)|catalog\/(?:service|connect))\/([^/]+)$/

function serviceIn(path: string): string {
  try {
    return decodeURIComponent(lookupPath.exec(path)?.[1] ?? '')
  } catch {
    return ''
  }
}

const failures: readonly (readonly [RegExp, Pick<LookupFields, 'errorCategory' | 'errorCode'>])[] = [
  [/permission denied|acl not found/i, { errorCategory: 'UNAUTHORIZED', errorCode: 'ACL' }],
  [/no cluster leader/i, { errorCategory: 'INTERNAL', errorCode: 'NO_LEADER' }],
  [/no path to datacenter/i, { errorCategory: 'NOT_FOUND', errorCode: 'NO_DATACENTER' }],
  [/rate limit|retry/i, { errorCategory: 'RATE_LIMITED', errorCode: 'RATE_LIMIT' }],
  [/timeout|deadline/i, { errorCategory: 'TIMEOUT', errorCode: '' }],
]

/** Consul's words have names in them, which no label may have. */
function failureOf(error: string): Partial<LookupFields> {
  const [, told] = failures.find(([words]) => words.test(error)) ?? [null, { errorCategory: 'OTHER', errorCode: '' } as const]
  return { outcome: 'FAILURE', ...told }
}

/** `10.0.0.1` of `10.0.0.1:8500`, `fd00::1` of `[fd00::1]:8500`. */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}

/** The oldest makes room. */
function remember<V>(held: Map<string, V>, key: string, value: V): void {
  held.set(key, value)
  if (held.size <= MOST_REMEMBERED) return
  const [oldest] = held.keys()
  if (oldest !== undefined) held.delete(oldest)
}
