import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import type { Command } from 'commander'
import type { Logger } from 'pino'
import { Aggregator, type AggregatorOptions } from '../aggregator/aggregator.ts'
import { Ownership } from '../aggregator/ownership.ts'
import { Vitality } from '../aggregator/vitality.ts'
import { CheckpointCodec } from '../checkpoint/codec.ts'
import { View, type ViewOptions } from '../checkpoint/view.ts'
import { durationWithin, readOptions, wholeNumber, type OptionSpecs, type OptionValues } from '../config.ts'
import { inputTopics, topicNames, type TopicNames } from '../contract/topics.ts'
import { listen } from '../http/listen.ts'
import { webOptions } from '../http/options.ts'
import { createCheckpointWriter, type CheckpointWriter } from '../kafka/checkpoint-writer.ts'
import { createKafka } from '../kafka/client.ts'
import { DeadLetterWriter } from '../kafka/dead-letter-writer.ts'
import { Intake } from '../kafka/intake.ts'
import { kafkaRules, kafkaOptions } from '../kafka/options.ts'
import { schemaRegistryOptions, schemaRegistryRules, schemaSource } from '../kafka/schema-registry.ts'
import { TopicWriter } from '../kafka/topic-writer.ts'
import { Lifecycle } from '../lifecycle.ts'
import { logOptions } from '../logging.ts'
import { createOwnMetrics } from '../prometheus/own-metrics.ts'
import { createPages } from '../prometheus/pages.ts'
import { createRegistry } from '../prometheus/registry.ts'
import { BACKGROUND_TURN_MS, Turns } from '../turns.ts'
import { version } from '../version.ts'
import { policyIn, policyOptions, type FoldPolicy } from './policy-option.ts'
import { createMap, createWeb } from './replica-web.ts'

const checkpointOptions = {
  'checkpoint.interval': {
    help: 'How often changed cells are written to the checkpoint topic', placeholder: '<duration>', fallback: '1s',
    parse: durationWithin('50ms', '60s'),
  },
  'dead-letters.rate': {
    help: 'Dead letters a second and partition that are stored in the long run; ten seconds’ worth at once', placeholder: '<number>',
    fallback: '100', parse: wholeNumber(1, 10_000),
  },
} satisfies OptionSpecs

export const serveOptions = {
  ...kafkaOptions, ...checkpointOptions, ...policyOptions, ...schemaRegistryOptions, ...webOptions, ...logOptions,
} satisfies OptionSpecs
type ServeOptions = OptionValues<typeof serveOptions>

/** Open requests may end for this long, and everything together may take `STOP_MS`: a replica is gone within ten seconds of SIGTERM. */
const HTTP_GRACE_MS = 2_000
const STOP_MS = 9_000
const DEATH_SHOWN_MS = 2_000
/** Who reads several partitions waits no longer than this for a schema, and comes back a second later. */
const SCHEMA_PATIENCE_MS = 500

export function readServeOptions(command: Command): ServeOptions {
  return readOptions(command, serveOptions, [...kafkaRules, ...schemaRegistryRules])
}

// Cells that are folded live long, those that are decoded for a page do not, and both come from the same lines: V8 would learn from the ones
// to put the others among what lives long, where each page leaves hundreds of megabytes for the slow collection.
const NO_PRETENURING = '--no-allocation-site-pretenuring'

/** Runs a replica until `signal` aborts or its consumer dies. Resolves with the exit code. */
export async function serve(options: ServeOptions, { log, signal }: { log: Logger; signal: AbortSignal }): Promise<number> {
  setFlagsFromString(NO_PRETENURING)
  const lifecycle = new Lifecycle(log)
  const replica = createReplica(options, log)
  const server = await listen(replica.app, options['web.listen-address'], { config: options['web.config.file'], log })
  lifecycle.onStop('the web server', () => server.close(HTTP_GRACE_MS))
  log.info(`discovery-metrics ${version} serves on ${server.url}`)
  lifecycle.onStop('the checkpoint writer', () => replica.writer.disconnect())
  lifecycle.onStop('the dead-letter writer', () => replica.letterWriter.disconnect())
  lifecycle.onStop('the map', replica.map.keepFresh())
  lifecycle.onStop('the consumer', () => replica.intake.stop())
  replica.intake.run(replica.aggregator).catch((error: unknown) => {
    replica.vitality.died(error instanceof Error ? error : new Error(String(error)))
  })
  const cause = await Promise.race([replica.vitality.death, aborted(signal)])
  if (cause === null) log.info('stopping')
  else await showDeath(cause, { log, signal })
  const clean = await lifecycle.stop(STOP_MS)
  return cause === null && clean ? 0 : 1
}

/** Joins the edges: Kafka into the aggregator and the view, the view's shards into metrics and API, these into the web app. */
function createReplica(options: ServeOptions, log: Logger) {
  const vitality = new Vitality()
  const turns = new Turns()
  const turn = () => turns.next()
  const backgroundTurn = () => turns.next(BACKGROUND_TURN_MS)
  const ownership = new Ownership(options['kafka.session-timeout'], { wall: Date.now, monotonic: () => performance.now() })
  const codec = new CheckpointCodec()
  const policy = policyIn(options['policy.file'])
  const view: View = createView({
    codec, policy, log, turn, claimRead: (shard, claim) => aggregator.claimRead(shard, claim), unreadable: () => telemetry.unreadable(),
  })
  const map = createMap({ view, turn: backgroundTurn, log })
  const registry = createRegistry({ shards: () => aggregator.shown(), findings: () => map.lastFindings()?.counts ?? null })
  const telemetry = createOwnMetrics(registry, { version })
  const kafka = createKafka(options, log)
  const topics = topicNamesOf(options)
  const intake = new Intake({
    kafka, groupId: options['kafka.group-id'], sessionTimeout: options['kafka.session-timeout'], topics, view, membership: ownership, log,
    telemetry,
    onCrash: (error, fatal) => {
      telemetry.crashed()
      if (fatal) vitality.died(error)
    },
  })
  const writer = createCheckpointWriter(kafka, topics.checkpoints)
  const letterWriter = new TopicWriter(kafka, topics.deadLetters)
  const deadLetters = new DeadLetterWriter(letterWriter)
  const aggregator: Aggregator = createAggregator(options, {
    policy, codec, view, ownership, telemetry, source: intake.source, writer, deadLetters, turn, log,
  })
  const pages = createPages({
    registry, telemetry, turn: backgroundTurn, hold: () => view.hold(), standing: () => aggregator.standing(),
    shards: scope => (scope === 'cluster' ? view.visible : aggregator.shown()),
  })
  return { app: createWeb({ pages, aggregator, map, view, budgets: policy.budgets, intake, vitality, telemetry, log }), map, intake, aggregator, writer, letterWriter, vitality }
}

interface ViewParts {
  policy: FoldPolicy
  codec: CheckpointCodec
  claimRead: ViewOptions['onClaim']
  unreadable: () => void
  turn: () => Promise<void>
  log: Logger
}

function createView({ policy, codec, claimRead, unreadable, turn, log }: ViewParts): View {
  return new View({
    codec, turn, retention: policy.retention,
    onClaim: claimRead,
    onUnreadable: record => {
      unreadable()
      log.error(record, `a record of the checkpoint topic cannot be read: ${record.reason}`)
    },
  })
}

interface AggregatorParts extends Pick<AggregatorOptions, 'codec' | 'view' | 'ownership' | 'telemetry' | 'source' | 'deadLetters' | 'turn'> {
  policy: FoldPolicy
  writer: CheckpointWriter
  log: Logger
}

function createAggregator(options: ServeOptions, { policy, writer, log, ...parts }: AggregatorParts): Aggregator {
  return new Aggregator({
    ...parts,
    inputs: inputTopics(topicNamesOf(options)),
    schemas: schemaSource(options, { patienceMs: SCHEMA_PATIENCE_MS, onNotAsked: () => parts.telemetry.schemaNotAsked() }),
    log: writer,
    deadLetterRate: options['dead-letters.rate'],
    ...policy,
    owner: `${options['kafka.client-id']} on ${hostname()}, process ${process.pid}`,
    nonce: randomUUID,
    sessionLives: () => parts.ownership.holds(),
    checkpointInterval: options['checkpoint.interval'],
    pause: async (milliseconds, signal) => { await delay(milliseconds, undefined, { signal }) },
    wall: Date.now,
    monotonic: () => performance.now(),
    tell: (level, message) => log[level](message),
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
