/** The service that a name stands for. An empty namespace is `default`. */
export interface ServiceName {
  namespace: string
  service: string
}

export interface Match extends ServiceName {
  /** Labels that stood for nothing: the fewer, the surer. */
  wildcards: number
}

const captures = ['service', 'namespace'] as const
type Capture = (typeof captures)[number]

/** One label of a pattern: what it begins with, and what the rest is; or, with `rest` null, the whole label. */
interface LabelPattern {
  prefix: string
  rest: Capture | 'any' | null
}

/**
 * A name's pattern, label by label: `{service}` and `{namespace}` are taken, `*` is any label, each with or without an underscore before
 * it, and all else is itself: `{service}.{namespace}.svc.cluster.local`, `_{service}._*.service.consul`. No regular expressions: names come
 * from strangers, and here each is looked at once.
 */
export class ServicePattern {
  readonly #labels: readonly LabelPattern[]

  /** Throws an Error that says what is wrong with the text. */
  constructor(text: string) {
    this.#labels = text.toLowerCase().replace(/\.$/, '').split('.').map(labelPattern)
    for (const capture of captures) {
      if (this.#labels.filter(({ rest }) => rest === capture).length > 1) throw new Error(`has {${capture}} twice`)
    }
  }

  get namesService(): boolean {
    return this.#labels.some(({ rest }) => rest === 'service')
  }

  /** Null: the labels are of another form. */
  match(labels: readonly string[]): Match | null {
    if (labels.length !== this.#labels.length) return null
    const match: Match = { namespace: '', service: '', wildcards: 0 }
    for (const [index, { prefix, rest }] of this.#labels.entries()) {
      const label = labels[index] ?? ''
      if (rest === null ? label !== prefix : !label.startsWith(prefix) || label.length === prefix.length) return null
      if (rest === 'any') match.wildcards += 1
      else if (rest !== null) match[rest] = label.slice(prefix.length)
    }
    return match
  }

  /** How many labels the pattern takes from a name's end, if they are of its form; otherwise 0. */
  suffixLength(labels: readonly string[]): number {
    const { length } = this.#labels
    return labels.length > length && this.match(labels.slice(-length)) !== null ? length : 0
  }
}

function labelPattern(text: string): LabelPattern {
  const [, prefix = '', inner, star] = /^(_?)(?:\{(service|namespace)\}|(\*))$/.exec(text) ?? []
  if (star !== undefined) return { prefix, rest: 'any' }
  if (inner !== undefined) return { prefix, rest: inner === 'service' ? 'service' : 'namespace' }
  if (!/^[a-z0-9_-]{1,63}$/.test(text)) throw new Error(`has the label '${text}': use letters, digits, -, _, *, {service} or {namespace}`)
  return { prefix: text, rest: null }
}

/** Kubernetes' names (its DNS specification, 1.1.0) under `cluster.local`, then Consul's under `consul`. */
export const defaultPatterns: readonly string[] = [
  '{service}.{namespace}.svc.cluster.local',
  '*.{service}.{namespace}.svc.cluster.local',
  '_{service}._*.service.consul',
  '_{service}._*.service.*.consul',
  '{service}.service.consul',
  '{service}.service.*.consul',
  '{service}.service.*.dc.consul',
  '{service}.service.{namespace}.ns.*.dc.consul',
  '*.{service}.service.consul',
  '*.{service}.service.*.consul',
  '{service}.connect.consul',
  '{service}.virtual.consul',
]

/** What a pod's resolver appends, in its order (`/etc/resolv.conf`, `search`). */
export const defaultSearchDomains: readonly string[] = ['*.svc.cluster.local', 'svc.cluster.local', 'cluster.local']

/** Which service a name is of: the first pattern that fits it, else the first that fits it without its leading `_port._protocol` labels. */
export class ServiceNames {
  readonly #patterns: readonly ServicePattern[]

  constructor(patterns: readonly ServicePattern[]) {
    this.#patterns = patterns
  }

  match(name: string): Match | null {
    const labels = name.split('.')
    const bare = labels.findIndex(label => !label.startsWith('_'))
    return this.#first(labels) ?? (bare > 0 ? this.#first(labels.slice(bare)) : null)
  }

  #first(labels: readonly string[]): Match | null {
    for (const pattern of this.#patterns) {
      const match = pattern.match(labels)
      if (match !== null) return match
    }
    return null
  }
}
