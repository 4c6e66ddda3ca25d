import type { AgentClock } from '../clock.ts'
import { catalogPath, serviceNames } from './catalog.ts'
import type { DnsRules } from '../dns/rules.ts'
import type { LookupFields } from '../fields.ts'
import { ConsulClient, type Answer } from './consul-client.ts'
import { ConsulConnection, type ConsulAccess } from './consul-connection.ts'
import { consulErrorCodes, type ConsulError, type ConsulErrorCode } from './consul-error.ts'
import { InstanceAddresses } from './instance-addresses.ts'
import { Monitor } from './monitor.ts'
import { MonitorLookups } from './monitor-lookups.ts'
import { Revisions } from './revisions.ts'
import { tellings, type InstancesParts } from './service-instances.ts'
import { ServiceWatches, type ServiceWatchesOptions } from './service-watches.ts'
import { Tally } from './tally.ts'
import { indexFindings, type IndexFinding } from './watch-index.ts'
import { Watch, type WatchSurroundings } from './watch.ts'

export interface ConsulAgentOptions extends ServiceWatchesOptions {
  access: ConsulAccess
  /** How look-ups in Consul's log are read; undefined: it is not. */
  lookups: Pick<DnsRules, 'names' | 'networks'> | undefined
}

export interface ConsulAgentParts {
  agent: { recordRegistration: InstancesParts['record']; recordLookup: (lookup: LookupFields) => void }
  clock: AgentClock
  random: () => number
  /** Told of failures, of each code at most every ten seconds. */
  onFault: (error: ConsulError) => void
}

const CATALOG_WAIT_MS = 60_000
const TELL_FAULTS_MS = 10_000

/** Watches a Consul's catalog and the health of its services, and records what they hold. */
export class ConsulAgent {
  readonly answers = new Tally(indexFindings)
  readonly failures = new Tally(consulErrorCodes)
  readonly events = new Tally([...tellings, 'DECLARE'])
  /** Null: look-ups are not asked for. */
  readonly lookups: MonitorLookups | null
  readonly #connection: ConsulConnection
  readonly #client: ConsulClient
  readonly #parts: ConsulAgentParts
  readonly #revisions = new Revisions()
  readonly #services: ServiceWatches
  readonly #catalog: Watch
  readonly #monitor: Monitor | null
  readonly #faultsToldAt = new Map<ConsulErrorCode, number>()
  #running: Promise<unknown> | undefined
  #isFound = false
  #lastAnswerAt = 0
  #source: string

  constructor(options: ConsulAgentOptions, parts: ConsulAgentParts) {
    const surroundings: WatchSurroundings = {
      clock: parts.clock, random: parts.random, found: finding => this.#found(finding), failed: error => this.#failed(error),
    }
    const addresses = new InstanceAddresses()
    this.#connection = new ConsulConnection(options.access)
    this.#client = new ConsulClient(this.#connection)
    this.#parts = parts
    this.#source = options.source || 'consul'
    this.#services = new ServiceWatches(options, {
      client: this.#client, revisions: this.#revisions, addresses, surroundings,
      record: event => {
        this.#source = event.source ?? this.#source
        this.events.add(event.operation)
        parts.agent.recordRegistration(event)
      },
      declare: lookup => {
        this.events.add('DECLARE')
        parts.agent.recordLookup(lookup)
      },
    })
    this.#catalog = new Watch({
      ask: (index, signal) => this.#client.ask({ path: catalogPath, index, waitMs: CATALOG_WAIT_MS, signal }),
      take: (answer, finding) => this.#take(answer, finding),
    }, surroundings)
    const lookups = options.lookups === undefined ? null : new MonitorLookups({
      rules: options.lookups, addresses, source: () => this.#source, record: lookup => parts.agent.recordLookup(lookup),
    })
    this.lookups = lookups
    this.#monitor = lookups === null ? null : new Monitor({ connection: this.#connection, take: line => lookups.take(line), surroundings })
  }

  /** Begins; Consul may be there already or come later. */
  start(): void {
    this.#running ??= Promise.all([this.#catalog.run(), this.#monitor?.run()])
  }

  /** Resolves once nothing more is recorded. */
  async stop(): Promise<void> {
    this.#monitor?.stop()
    this.#catalog.stop()
    await this.#running
    await this.#services.stop()
    this.#connection.close()
  }

  /** What is held at the moment. `lastAnswerAt`: milliseconds since the epoch; 0: there was none. */
  get held(): { services: number; leftOut: number; instances: number; lastAnswerAt: number } {
    const { size: services, leftOut, instances } = this.#services
    return { services, leftOut, instances, lastAnswerAt: this.#lastAnswerAt }
  }

  #take({ index, body }: Answer, finding: IndexFinding): boolean {
    if (finding === 'unchanged') return true
    const names = serviceNames(body)
    if (!this.#isFound) this.#revisions.startAt(index)
    this.#isFound = true
    this.#services.follow(names)
    return true
  }

  #found(finding: IndexFinding): void {
    this.answers.add(finding)
    this.#lastAnswerAt = this.#parts.clock.now()
    if (finding === 'went_back') this.#restart()
  }

  /** One index that went back tells of all: who has not noticed would wait for an index that Consul has not come to. */
  #restart(): void {
    this.#revisions.wentBack()
    this.#isFound = false
    this.#catalog.restart()
    this.#services.restart()
  }

  #failed(error: ConsulError): void {
    const { clock, onFault } = this.#parts
    const now = clock.micros() / 1_000
    this.failures.add(error.code)
    if (now - (this.#faultsToldAt.get(error.code) ?? -Infinity) < TELL_FAULTS_MS) return
    this.#faultsToldAt.set(error.code, now)
    onFault(error)
  }
}
