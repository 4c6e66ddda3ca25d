import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Logger } from 'pino'
import { Aggregator } from '../aggregator/aggregator.ts'
import { Ownership } from '../aggregator/ownership.ts'
import { Vitality } from '../aggregator/vitality.ts'
import { readOptions, type OptionSpecs, type OptionValues } from '../config.ts'
import { inputTopics, topicNames, type TopicNames } from '../contract/topics.ts'
import { createApp } from '../http/app.ts'
import { close, listen } from '../http/listen.ts'
import type { MetricsPages } from '../http/metrics.ts'
import { webOptions } from '../http/options.ts'
import { createKafka } from '../kafka/client.ts'
import { Intake, type IntakeOptions } from '../kafka/intake.ts'
import { kafkaRules, kafkaOptions } from '../kafka/options.ts'
import { noSchemaRegistry, SchemaRegistry, schemaRegistryOptions } from '../kafka/schema-registry.ts'
import { Lifecycle } from '../lifecycle.ts'
import { logOptions } from '../logging.ts'
import { createOwnMetrics } from '../prometheus/own-metrics.ts'
import { createPages } from '../prometheus/pages.ts'
import { createRegistry } from '../prometheus/registry.ts'
import { version } from '../version.ts'
import { graphOf } from '../views/graph.ts'
import { serviceOf, servicesOf } from '../views/services.ts'

export const serveOptions = { ...kafkaOptions, ...schemaRegistryOptions, ...webOptions, ...logOptions } satisfies OptionSpecs
type ServeOptions = OptionValues<typeof serveOptions>

/** Open requests may end for this long, and everything together may take `STOP_MS`: a replica is gone within ten seconds of SIGTERM. */
const HTTP_GRACE_MS = 2_000
const STOP_MS = 9_000
const DEATH_SHOWN_MS = 2_000

export function readServeOptions(command: Command): ServeOptions {
  return readOptions(command, serveOptions, kafkaRules)
}

/** Runs a replica until `signal` aborts or its consumer dies. Resolves with the exit code. */
export async function serve(options: ServeOptions, { log, signal }: { log: Logger; signal: AbortSignal }): Promise<number> {
  const lifecycle = new Lifecycle(log)
  const replica = createReplica(options, log)
  const server = await listen(replica.app, options['web.listen-address'])
  lifecycle.onStop('the web server', () => close(server, HTTP_GRACE_MS))
  log.info(`discovery-metrics ${version} serves on ${addressText(server.address())}`)
  lifecycle.onStop('the consumer', () => replica.intake.stop())
  replica.intake.run().catch((error: unknown) => replica.vitality.died(error instanceof Error ? error : new Error(String(error))))
  const cause = await Promise.race([replica.vitality.death, aborted(signal)])
  if (cause === null) log.info('stopping')
  else await showDeath(cause, { log, signal })
  const clean = await lifecycle.stop(STOP_MS)
  return cause === null && clean ? 0 : 1
}

/** Joins the edges: Kafka into the aggregator, the aggregator's shards into metrics and views, these into the web app. */
function createReplica(options: ServeOptions, log: Logger) {
  const vitality = new Vitality()
  const ownership = new Ownership(options['kafka.session-timeout'], { wall: Date.now, monotonic: () => performance.now() })
  const registry = createRegistry({ shards: () => aggregator.shown() })
  const telemetry = createOwnMetrics(registry, { version })
  const url = options['schema-registry.url']
  const aggregator = new Aggregator({
    inputs: inputTopics(topicNamesOf(options)),
    ownership,
    telemetry,
    schemas: url === '' ? noSchemaRegistry : new SchemaRegistry(url),
    now: () => performance.now() / 1_000,
  })
  const onCrash = (error: Error, fatal: boolean) => {
    telemetry.crashed()
    if (fatal) vitality.died(error)
  }
  const intake = createIntake(options, { aggregator, ownership, onCrash, log })
  const pages = createPages({ registry, shards: () => aggregator.shown(), telemetry })
  return { app: createWeb({ pages, aggregator, intake, vitality, log }), intake, vitality }
}

type IntakeParts = Pick<IntakeOptions, 'onCrash' | 'log'> & { aggregator: Aggregator; ownership: Ownership }

function createIntake(options: ServeOptions, { aggregator, ownership, onCrash, log }: IntakeParts): Intake {
  const names = topicNamesOf(options)
  return new Intake({
    kafka: createKafka(options, log),
    groupId: options['kafka.group-id'],
    sessionTimeout: options['kafka.session-timeout'],
    inputs: inputTopics(names).map(({ topic }) => topic),
    required: Object.values(names),
    sink: aggregator,
    membership: ownership,
    onCrash,
    log,
  })
}

interface WebParts {
  pages: MetricsPages
  aggregator: Aggregator
  intake: Intake
  vitality: Vitality
  log: Logger
}

function createWeb({ pages, aggregator, intake, vitality, log }: WebParts): ReturnType<typeof createApp> {
  return createApp({
    metrics: pages,
    graph: () => graphOf(aggregator.shown(), Date.now()),
    services: () => servicesOf(aggregator.shown(), { now: Date.now() }),
    service: name => serviceOf(aggregator.shown(), name, Date.now()),
    health: () => vitality.health(),
    readiness: () => {
      const reasons = [...intake.reasons(), ...aggregator.waitingFor()]
      return { ready: reasons.length === 0, reasons }
    },
    version,
    onError: error => log.error({ error }, 'a request could not be answered'),
  })
}

function topicNamesOf(options: ServeOptions): TopicNames {
  return topicNames(options['kafka.topic-prefix'], options['kafka.checkpoint-topic'] || undefined)
}

/** Logs why the consumer died, and goes on answering long enough for a probe to see it. */
async function showDeath(cause: Error, { log, signal }: { log: Logger; signal: AbortSignal }): Promise<void> {
  log.fatal({ error: cause }, `the consumer died and will not start again by itself: ${cause.message}; this replica ends`)
  await Promise.race([delay(DEATH_SHOWN_MS), aborted(signal)])
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}

function addressText(address: ReturnType<Server['address']>): string {
  if (address === null || typeof address === 'string') return address ?? 'nowhere'
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}
