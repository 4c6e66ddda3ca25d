import type { LookupEvent, RegistrationEvent } from '../contract/events.ts'
import { DEFAULT_NAMESPACE, UNKNOWN_CLIENT } from './names.ts'
import type { Levels, Policy } from './policy.ts'
import { ALL, DROPPED, ValueRules } from './value-rules.ts'

/** The names that events are counted under: what was sent, after the value rules, and without what is not counted apart. */
export class Naming {
  readonly levels: Levels
  readonly #rules: ValueRules

  /** Throws a SyntaxError where a rule's `match` is no regular expression. */
  constructor({ rules, levels }: Pick<Policy, 'rules' | 'levels'>) {
    this.#rules = new ValueRules(rules)
    this.levels = levels
  }

  namespace(sent: string): string {
    return this.#rules.apply('namespace', sent) || DEFAULT_NAMESPACE
  }

  service(sent: string): string {
    return this.levels.service ? this.#rules.apply('service', sent) : ALL
  }

  client(sent: string): string {
    return this.#rules.apply('client', sent) || UNKNOWN_CLIENT
  }

  version(sent: string): string {
    return this.#rules.apply('version', sent)
  }

  lookup(sent: LookupEvent): LookupEvent {
    return {
      ...sent, clientNamespace: this.namespace(sent.clientNamespace), client: this.client(sent.client),
      namespace: this.namespace(sent.namespace), service: this.service(sent.service),
    }
  }

  registration(sent: RegistrationEvent): RegistrationEvent {
    const service = this.service(sent.service)
    return {
      ...sent, namespace: this.namespace(sent.namespace), service,
      // Services that are counted together may have instances of the same name, which are not the same.
      instance: service !== sent.service && (service === ALL || service === DROPPED) ? `${sent.service}/${sent.instance}` : sent.instance,
      version: this.version(sent.version), zone: this.#rules.apply('zone', sent.zone),
    }
  }
}

/** Names as they were sent, and everything counted apart. */
export const asSent = new Naming({ rules: [], levels: { edge: true, version: true, service: true } })
