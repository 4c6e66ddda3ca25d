/** In the order in which they are tried (DESIGN.md section 8). */
export const brokerKinds = ['external', 'docker', 'java'] as const
export type BrokerKind = (typeof brokerKinds)[number]

/**
 * One Kafka broker for development, the demo and tests.
 *
 * `kill`, `start`, `pause` and `resume` are faults for chaos tests: the addresses and the data outlive them. On an external broker, which is
 * not ours to hurt, they reject with `NOT_OURS`.
 */
export interface Broker {
  readonly kind: BrokerKind
  /** `host:port`, as kafkajs' `brokers` takes them. */
  readonly brokers: string[]
  /** SIGKILL; resolves once the broker is dead. */
  kill(): Promise<void>
  /** Starts a killed broker again; resolves once it answers. */
  start(): Promise<void>
  /** SIGSTOP or the freezer: connections stay open and nothing answers. */
  pause(): Promise<void>
  /** Nothing to do where it is not paused. */
  resume(): Promise<void>
  /** Ends the broker and deletes its data; an external broker is left as it is. May be called twice. */
  stop(): Promise<void>
}

export interface WayContext {
  readonly env: NodeJS.ProcessEnv
  /** Told, in words for people, what is being waited for. */
  readonly onProgress: (text: string) => void
}

export type Availability = { readonly available: true; readonly detail: string } | { readonly available: false; readonly reason: string }

/** One way of getting a broker. */
export interface Way {
  readonly kind: BrokerKind
  /** Starts nothing; may fetch what `open` needs. The `reason` says what is missing and what to do. */
  available(context: WayContext): Promise<Availability>
  /** Called only where `available` said yes. Rejects with `START_FAILED`. */
  open(context: WayContext): Promise<Broker>
}
