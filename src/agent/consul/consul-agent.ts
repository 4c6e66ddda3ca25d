import type { AgentClock } from '../clock.ts'
import { catalogPath, serviceNames } from './catalog.ts'
import { ConsulClient, type Answer, type ConsulAccess } from './consul-client.ts'
import { consulErrorCodes, type ConsulError, type ConsulErrorCode } from './consul-error.ts'
import { Revisions } from './revisions.ts'
import { tellings, type InstancesParts } from './service-instances.ts'
import { ServiceWatches, type ServiceWatchesOptions } from './service-watches.ts'
import { Tally } from './tally.ts'
import { indexFindings, type IndexFinding } from './watch-index.ts'
import { Watch, type WatchSurroundings } from './watch.ts'

export interface ConsulAgentOptions extends ServiceWatchesOptions {
  access: ConsulAccess
}

export interface ConsulAgentParts {
  agent: { recordRegistration: InstancesParts['record'] }
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
  readonly events = new Tally(tellings)
  readonly #client: ConsulClient
  readonly #parts: ConsulAgentParts
  readonly #revisions = new Revisions()
  readonly #services: ServiceWatches
  readonly #catalog: Watch
  readonly #faultsToldAt = new Map<ConsulErrorCode, number>()
  #running: Promise<void> | undefined
  #isFound = false
  #lastAnswerAt = 0

  constructor(options: ConsulAgentOptions, parts: ConsulAgentParts) {
    const surroundings: WatchSurroundings = {
      clock: parts.clock, random: parts.random, found: finding => this.#found(finding), failed: error => this.#failed(error),
    }
    this.#client = new ConsulClient(options.access)
    this.#parts = parts
    this.#services = new ServiceWatches(options, {
      client: this.#client, revisions: this.#revisions, surroundings,
      record: event => {
        this.events.add(event.operation)
        parts.agent.recordRegistration(event)
      },
    })
    this.#catalog = new Watch({
      ask: (index, signal) => this.#client.ask({ path: catalogPath, index, waitMs: CATALOG_WAIT_MS, signal }),
      take: (answer, finding) => this.#take(answer, finding),
    }, surroundings)
  }

  /** Begins; Consul may be there already or come later. */
  start(): void {
    this.#running ??= this.#catalog.run()
  }

  /** Resolves once nothing more is recorded. */
  async stop(): Promise<void> {
    this.#catalog.stop()
    await this.#running
    await this.#services.stop()
    this.#client.close()
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
