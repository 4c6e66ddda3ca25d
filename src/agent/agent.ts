import type { Agent } from 'node:http'
import type { AgentReport } from '../contract/events.ts'
import { Circuit } from './circuit.ts'
import { Connection } from './connection.ts'
import { Counters } from './counters.ts'
import { Delivery } from './delivery.ts'
import { EventEncoder } from './encoder.ts'
import { ErrorOutlet } from './error-outlet.ts'
import type { Entry, LookupFields, RegistrationFields } from './fields.ts'
import { Instrumentation, type Describe } from './instrument.ts'
import { resolveSettings, type AgentOptions } from './options.ts'
import { asOwnWork } from './own-work.ts'
import { producerConfig } from './producer.ts'
import { BoundedQueue } from './queue.ts'
import { Recorder } from './recorder.ts'
import { Reporter } from './reporter.ts'
import type { DnsResolver, LookupFunction, ResolverOptions } from './resolver.ts'
import { Sender } from './sender.ts'
import { Shutdown } from './shutdown.ts'

/**
 * Publishes what its host looks up and registers. Once created it never throws into the host, rejects or waits for Kafka within a call.
 * Its functions need no `this`.
 */
export interface DiscoveryAgent {
  /** `kind/uuid`, new with every agent. */
  readonly agentId: string
  /**
   * Counts a look-up (`weight` look-ups, if it stands for several) and queues it. Unless given: `method` is SDK, `occurredAt` now, and
   * `client`, `clientNamespace`, `clientInstance`, `zone` the agent's own; of another client's look-up they stay empty.
   */
  readonly recordLookup: (lookup: LookupFields) => void
  /**
   * Counts a registration and queues it. Unless given: `service`, `namespace`, `instance`, `version`, `zone` are the agent's own; of
   * another service's registration they stay empty. Say the `outcome`: unless given it is UNKNOWN.
   */
  readonly recordRegistration: (registration: RegistrationFields) => void
  /**
   * Records the questions put to a `node:dns` resolver (or module), by method DNS, with their duration and number of answers. Changes the
   * resolver in place and returns it; of several agents the last to instrument a resolver records. A module forgets it when its
   * `setServers` is called: instrument it after that. The modules' `lookup`, by which sockets find their hosts, is among it; what the agent's
   * own producer asks is not recorded.
   */
  readonly instrumentResolver: <R extends DnsResolver>(resolver: R, options?: ResolverOptions) => R
  /**
   * A function of `dns.lookup`'s shape that records, for the option `lookup` of sockets, agents and clients. If `dns` is instrumented as well,
   * such a look-up is recorded once.
   */
  readonly instrumentLookup: (lookup: LookupFunction, options?: ResolverOptions) => LookupFunction
  /** Records by what names an `http.Agent` or `https.Agent` opens connections, and returns it. A connection that is used again asks nothing. */
  readonly instrumentHttpAgent: <A extends Agent>(agent: A, options?: ResolverOptions) => A
  /** Puts back all that was instrumented: every property is what it was, and functions that were handed out record no more. */
  readonly uninstrument: () => void
  /** False while Kafka is taken to be away, after five failures in a row: what does not fit in the queue is then dropped unread. */
  readonly isConnected: () => boolean
  /**
   * The same function, recording a look-up when its promise settles. `describe` names the service; unless it says otherwise the duration
   * is measured, a rejection is FAILURE by its error's code, `instances: 0` EMPTY, and all else SUCCESS.
   */
  readonly instrument: <A extends unknown[], R>(fn: (...args: A) => Promise<R>, describe: Describe<A, R>) => (...args: A) => Promise<R>
  /** Numbers since the start, in look-ups and registrations: recorded = sent + all drops + those still queued. */
  readonly report: () => AgentReport
  /** Resolves when all that was recorded before is acknowledged or counted as dropped: with Kafka away, when it is back. Never rejects. */
  readonly flush: () => Promise<void>
  /**
   * Puts back what was instrumented, flushes for up to `deadlineMs` (5,000), counts the rest as droppedShutdown (Kafka may have taken what
   * was on its way), publishes a last
   * report and disconnects, for which a second more is given. Never rejects; a second call waits for the first. kafkajs' sockets keep the
   * host's process alive until then.
   */
  readonly close: (deadlineMs?: number) => Promise<void>
}

/** Creates an agent, which begins to connect at once. Throws an AgentError `INVALID_OPTIONS`, and only here, only that. */
export function createDiscoveryAgent(options: AgentOptions): DiscoveryAgent {
  const settings = resolveSettings(options)
  const { clock } = settings
  const errors = new ErrorOutlet(options.onError, clock)
  const random = Math.random
  const stop = new AbortController()
  const counters = new Counters()
  const queue = new BoundedQueue<Entry>(settings.queueLimit)
  const encoder = new EventEncoder(settings)
  const circuit = new Circuit(isOpen => {
    if (isOpen) errors.tell('CIRCUIT_OPENED', () => 'Kafka has failed five times in a row: only what the queue has room for is kept, see to Kafka')
  })
  const connection = new Connection(asOwnWork(() => options.kafka.producer(producerConfig)), { errors, random, circuit })
  const delivery = new Delivery({ connection, circuit, counters, errors, random, stop: stop.signal })
  const sender = new Sender({ settings, queue, encoder, delivery, counters, errors })
  const recorder = new Recorder({ settings, queue, sender, counters, errors, circuit })
  const reporter = new Reporter({ settings, encoder, connection, counters, errors })
  const recordLookup = (lookup: LookupFields): void => recorder.lookup(lookup)
  const instrumentation = new Instrumentation({ recordLookup: lookup => recorder.ownLookup(lookup), errors, clock })
  const shutdown = new Shutdown({ recorder, sender, reporter, connection, counters, errors, stop, restore: () => instrumentation.restore() })
  reporter.start()
  return {
    agentId: encoder.agentId,
    recordLookup,
    recordRegistration: registration => recorder.registration(registration),
    instrumentResolver: (resolver, resolverOptions = {}) => instrumentation.resolver(resolver, resolverOptions),
    instrumentLookup: (lookup, lookupOptions = {}) => instrumentation.lookup(lookup, lookupOptions),
    instrumentHttpAgent: (agent, lookupOptions = {}) => instrumentation.httpAgent(agent, lookupOptions),
    uninstrument: () => instrumentation.restore(),
    isConnected: () => connection.isOpen && !circuit.isOpen,
    instrument: (fn, describe) => instrumentation.wrap(fn, describe),
    report: () => reporter.report(),
    flush: () => sender.flush(),
    close: deadlineMs => shutdown.close(deadlineMs),
  }
}
