/** What a line of Consul's debug log tells of a question; durations in microseconds, -1: not told; times in milliseconds since the epoch. */
export type MonitorLine =
  | { kind: 'http'; from: string; url: string; at: number; durationMicros: number }
  /** Comes before the `http` of the same question. */
  | { kind: 'http_error'; from: string; error: string }
  | { kind: 'dns'; from: string; name: string; type: DnsType; at: number; durationMicros: number }
  | { kind: 'other' }

export const dnsTypes = ['A', 'AAAA', 'SRV', 'other'] as const
export type DnsType = (typeof dnsTypes)[number]

/** Consul 1.8 tells a type by its number, later versions by its name. */
const typeNames: ReadonlyMap<unknown, DnsType> = new Map<unknown, DnsType>([
  [1, 'A'], [28, 'AAAA'], [33, 'SRV'], ['A', 'A'], ['AAAA', 'AAAA'], ['SRV', 'SRV'],
])

/** Reads a line of `/v1/agent/monitor?logjson`; undefined: it is none. */
export function readMonitorLine(text: string): MonitorLine | undefined {
  const line = parsed(text)
  if (line === undefined) return undefined
  const said = `${textIn(line['@module'])}: ${textIn(line['@message'])}`
  const at = Date.parse(textIn(line['@timestamp']))
  const timing = { at: Number.isNaN(at) ? 0 : at, durationMicros: goDurationMicros(textIn(line['latency'])) }
  const [from, client] = [textIn(line['from']), textIn(line['client'])]
  if (said === 'agent.http: Request finished') return { kind: 'http', from, url: textIn(line['url']), ...timing }
  if (said === 'agent.http: Request error') return { kind: 'http_error', from, error: textIn(line['error']) }
  if (said !== 'agent.dns: request served from client') return { kind: 'other' }
  return { kind: 'dns', from: client, name: textIn(line['name']), type: typeNames.get(line['type']) ?? 'other', ...timing }
}

const unitMicros: Readonly<Record<string, number>> = { h: 3_600_000_000, m: 60_000_000, s: 1_000_000, ms: 1_000, µs: 1, us: 1, ns: 0.001 }

/** Microseconds of what Go's `time.Duration.String` writes, such as `1m2.5s` or `417.2µs`; -1: it is none. */
export function goDurationMicros(text: string): number {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|µs|us|ns))+$/.test(text)) return -1
  let sum = 0
  for (const [, number, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|µs|us|ns)/g)) sum += Number(number) * (unitMicros[unit] ?? 0)
  return Math.round(sum)
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
