import { hostname } from 'node:os'
import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { SchemaSource } from '../aggregator/tenure-parts.ts'
import type { LogBounds } from '../aggregator/records.ts'
import { CheckpointCodec, type Progress } from '../checkpoint/codec.ts'
import type { ShardView } from '../checkpoint/shard-view.ts'
import { boolean, readOptions, type OptionSpecs, type OptionValues } from '../config.ts'
import { Decoder } from '../contract/codec.ts'
import type { EventKind } from '../contract/events.ts'
import { inputTopics, topicNames, type TopicNames } from '../contract/topics.ts'
import { budgetsOf } from '../core/budgets.ts'
import type { AnyCell } from '../core/cells.ts'
import { connectAdmin, missingTopics, partitionBounds, topicBounds } from '../kafka/admin.ts'
import { createCheckpointWriter, type CheckpointWriter } from '../kafka/checkpoint-writer.ts'
import { commandPatience, createKafka } from '../kafka/client.ts'
import { kafkaOptions, kafkaRules } from '../kafka/options.ts'
import { schemaRegistryOptions, schemaRegistryRules, schemaSource } from '../kafka/schema-registry.ts'
import { TopicIdentity } from '../kafka/topic-identity.ts'
import { logOptions } from '../logging.ts'
import { compareShard, type Comparison } from '../verify/compare.ts'
import { formerPolicy, inputFault, otherPolicy, progressFaults } from '../verify/progress-check.ts'
import { Reference } from '../verify/reference.ts'
import { isWell, linesOf, type RepairOutcome, type ShardReport } from '../verify/report.ts'
import { CheckpointReader } from './checkpoint-reader.ts'
import { CommandError } from './errors.ts'
import { policyIn, policyOptions, type FoldPolicy } from './policy-option.ts'
import { repairShard } from './repair.ts'
import { scan } from './scan.ts'

export const verifyOptions = {
  ...kafkaOptions,
  ...policyOptions,
  ...schemaRegistryOptions,
  ...logOptions,
  repair: { help: 'Mend what differs', placeholder: '[true|false]', fallback: 'false', parse: boolean },
  json: { help: 'Print one JSON object per shard, with all differences', placeholder: '[true|false]', fallback: 'false', parse: boolean },
} satisfies OptionSpecs

type VerifyOptions = OptionValues<typeof verifyOptions>

export function readVerifyOptions(command: Command): VerifyOptions {
  return readOptions(command, verifyOptions, [...kafkaRules, ...schemaRegistryRules])
}

/**
 * Holds every cell of the checkpoints against what the retained input comes to, shard by shard. Changes nothing unless it is to repair; safe
 * beside running replicas. Resolves with the exit code: 1 if anything differs, and was not mended.
 */
export async function verify(options: VerifyOptions, { log, print }: { log: Logger; print: (line: string) => void }): Promise<number> {
  const names = topicNames(options['kafka.topic-prefix'], options['kafka.checkpoint-topic'] || undefined)
  const policy = policyIn(options['policy.file'])
  const admin = await connectAdmin(options, log)
  const kafka = createKafka(options, log, commandPatience)
  const writer = createCheckpointWriter(kafka, names.checkpoints)
  const identity = new TopicIdentity(kafka)
  try {
    const verifier = new Verifier({ options, policy, names, admin, kafka, writer, identity, log })
    let well = true
    for await (const report of verifier.reports()) {
      for (const line of options.json ? [JSON.stringify(report)] : linesOf(report)) print(line)
      well &&= isWell(report)
    }
    if (!options.json) print(well ? 'all is as the input gives it, as far as the input is retained' : 'not all is as the input gives it')
    return well ? 0 : 1
  } finally {
    identity.close()
    await writer.disconnect()
    await admin.disconnect()
  }
}

interface Site {
  options: VerifyOptions
  policy: FoldPolicy
  names: TopicNames
  admin: Awaited<ReturnType<typeof connectAdmin>>
  kafka: ReturnType<typeof createKafka>
  writer: CheckpointWriter
  identity: TopicIdentity
  log: Logger
}

type Input = ReturnType<typeof inputTopics>[number] & { partitions: number }

/** A shard that has a checkpoint, and the input that it was counted from. */
interface Subject {
  kind: EventKind
  view: ShardView
  progress: Progress
  bounds: LogBounds
  /** How many the topic has. */
  partitions: number
}

class Verifier {
  readonly #site: Site
  readonly #codec = new CheckpointCodec()
  readonly #schemas: SchemaSource
  readonly #reader: CheckpointReader
  readonly #tell: (level: 'info' | 'warn', message: string) => void

  constructor(site: Site) {
    const { options, kafka, names, log } = site
    this.#site = site
    this.#schemas = schemaSource(options)
    this.#tell = (level, message) => log[level](message)
    this.#reader = new CheckpointReader({ kafka, topic: names.checkpoints, codec: this.#codec, tell: this.#tell })
  }

  async *reports(): AsyncGenerator<ShardReport> {
    const { admin, names } = this.#site
    const inputs = inputTopics(names)
    const missing = await missingTopics(admin, [...inputs.map(({ topic }) => topic), names.checkpoints])
    if (missing.length > 0) throw new CommandError('no_topic', `there is no topic ${missing.join(', ')}: are --kafka.topic-prefix and --kafka.checkpoint-topic right, and may this user read it?`)
    await this.#reader.readTo(await topicBounds(admin, [names.checkpoints]))
    for (const input of inputs) {
      const partitions = (await topicBounds(admin, [input.topic])).map(({ partition }) => partition).toSorted((one, other) => one - other)
      for (const partition of partitions) yield await this.#report({ ...input, partitions: partitions.length }, partition)
    }
  }

  async #report({ topic, kind, shard, partitions }: Input, partition: number): Promise<ShardReport> {
    const view = this.#reader.view.shard(`${shard}-${partition}`)
    const { progress } = view
    // Asked after the view was taken, so that the end is not below what had been reached then.
    const [found = { topic, partition, low: 0, high: 0 }] = await partitionBounds(this.#site.admin, [{ topic, partition }])
    const bounds = { ...found, topicId: (await this.#site.identity.idsOf([topic])).get(topic) }
    const report: ShardReport = {
      shard: view.shard, topic, partition, low: bounds.low, from: bounds.low, progress: null, cells: null, faults: [], repair: null,
    }
    return progress === null ? report : this.#compare({ kind, view, progress, bounds, partitions }, report)
  }

  async #compare(subject: Subject, report: ShardReport): Promise<ShardReport> {
    const { view, progress, bounds } = subject
    const reference = await this.#reference(subject)
    const head = { ...report, from: reference.from, progress: progress.asOf }
    const incomparable = inputFault(progress, reference, bounds) ?? otherPolicy(progress, this.#site.policy.fingerprint)
    if (incomparable !== null) return { ...head, faults: [incomparable] }
    const cells = compareShard(view, reference, this.#codec)
    const former = formerPolicy(progress, reference, cells.differing.length)
    if (former !== null) return { ...head, cells, faults: [former, ...progressFaults(view, progress, reference)] }
    const faults = progressFaults(view, progress, reference)
    const isMendable = faults.length > 0 || cells.differing.some(({ mend }) => mend !== 'none')
    const repair = this.#site.options.repair && isMendable ? await this.#repair(subject, { reference, cells }) : null
    return { ...head, cells, faults, repair }
  }

  /** What the retained input comes to up to the shard's progress. */
  async #reference({ kind, progress, bounds, partitions }: Subject, seeds: readonly AnyCell[] = []): Promise<Reference> {
    const { policy } = this.#site
    const reference = new Reference({
      ...policy, budgets: budgetsOf(policy.budgets, partitions), low: bounds.low, decoder: new Decoder<EventKind>(kind, this.#schemas.schemaById), seeds,
    })
    await this.#scan(bounds, { from: bounds.low, end: Math.min(progress.asOf, bounds.high) }, reference)
    reference.finish()
    return reference
  }

  async #repair(subject: Subject, { reference, cells }: { reference: Reference; cells: Comparison }): Promise<RepairOutcome> {
    const { options, writer, log } = this.#site
    const { view, bounds } = subject
    log.info(`repairing ${view.shard}: its owner, if there is one, holds still for that long`)
    const seeds = cells.differing.filter(({ mend }) => mend === 'fold_on').flatMap(({ kind, key }): AnyCell[] => {
      const cell: AnyCell | undefined = view.cells[kind].get(key)
      return cell === undefined ? [] : [structuredClone(cell)]
    })
    const folded = seeds.length === 0 ? reference : await this.#reference(subject, seeds)
    const found = cells.differing.filter(({ mend, asOf }) => mend !== 'fold_on' || (asOf ?? -1) >= folded.from)
    return repairShard({
      ...bounds, view, reference: folded, found, reader: this.#reader, codec: this.#codec, log: writer,
      owner: `${options['kafka.client-id']} verify --repair on ${hostname()}, process ${process.pid}`,
      scan: (range, onto) => this.#scan(bounds, range, onto),
    })
  }

  #scan({ topic, partition }: LogBounds, range: { from: number; end: number }, reference: Reference): Promise<void> {
    return scan({ topic, partition, ...range }, reference, { kafka: this.#site.kafka, schemas: this.#schemas, tell: this.#tell })
  }
}
