import type { AgentClock } from '../clock.ts'
import { DnstapReceiver, type ReceiverOptions } from '../dnstap/receiver.ts'
import type { WireFault } from '../dnstap/wire-fault.ts'
import type { DnsSample } from './counts.ts'
import { DnsObservation, type EventRecorder, type ObservationOptions } from './observation.ts'

export interface DnsAgentOptions extends ObservationOptions {
  receiver: ReceiverOptions
}

export interface DnsAgentParts {
  agent: EventRecorder
  clock: AgentClock
  /** Told of each connection that is closed for what its sender did. */
  onFault: (fault: WireFault) => void
}

const SWEEP_MS = 50
/** What passes at once in a process that was held up counts for no more than this: its queries' responses are still to be read. */
const LONGEST_STEP_MS = 200

/** Listens for dnstap and records what it tells. */
export class DnsAgent {
  readonly #receiver: DnstapReceiver
  readonly #observation: DnsObservation
  readonly #clock: AgentClock
  /** Milliseconds during which the agent listened. */
  #time = 0
  #sweptAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: DnsAgentOptions, { agent, clock, onFault }: DnsAgentParts) {
    const observation = new DnsObservation(options, agent, () => clock.now())
    this.#observation = observation
    this.#clock = clock
    this.#receiver = new DnstapReceiver(options.receiver, {
      frame: payload => observation.frame(payload),
      connection: what => observation.counts.add('connections', what),
      fault: fault => {
        observation.counts.add('stream_faults', fault.code)
        onFault(fault)
      },
    })
  }

  /** Resolves once it listens; rejects with a ListenError. */
  async start(): Promise<void> {
    await this.#receiver.listen()
    this.#sweptAt = this.#clock.micros()
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS)
  }

  /** Listens no more, and records what is answered. The event recorder is to be closed after it. */
  async stop(): Promise<void> {
    await this.#receiver.close()
    clearInterval(this.#timer)
    this.#observation.close()
  }

  /** The ports of its TCP addresses, in their order. */
  get ports(): number[] {
    return this.#receiver.ports
  }

  samples(): DnsSample[] {
    return this.#observation.counts.samples()
  }

  /** What is held at the moment. */
  get held(): { waitingQueries: number; records: number } {
    return this.#observation.held
  }

  #sweep(): void {
    const at = this.#clock.micros()
    this.#time += Math.min((at - this.#sweptAt) / 1_000, LONGEST_STEP_MS)
    this.#sweptAt = at
    this.#observation.sweep(this.#time)
  }
}
