import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { SchemaSource } from '../aggregator/tenure-parts.ts'
import { boolean, ConfigError, oneOf, positionals, readOptions, wholeNumber, type OptionSpecs, type OptionValues } from '../config.ts'
import { Rejection } from '../contract/bounds.ts'
import { confluentSchemaId, Decoder } from '../contract/codec.ts'
import { readLetter, type DeadLetter } from '../contract/dead-letters.ts'
import type { EventKind } from '../contract/events.ts'
import { UnreadableBatch, withUnreadable, type ReadStretch } from '../checkpoint/log.ts'
import { inputTopics, topicNames } from '../contract/topics.ts'
import { connectAdmin, missingTopics, topicBounds } from '../kafka/admin.ts'
import { commandPatience, createKafka } from '../kafka/client.ts'
import { readRanges } from '../kafka/log-range.ts'
import { kafkaOptions, kafkaRules } from '../kafka/options.ts'
import { schemaRegistryOptions, schemaRegistryRules, schemaSource } from '../kafka/schema-registry.ts'
import { TopicWriter } from '../kafka/topic-writer.ts'
import { logOptions } from '../logging.ts'
import { filterOptions, letterFilter } from './dead-letter-filter.ts'
import { Replay, skipReasons, type SkipReason } from './dead-letter-replay.ts'
import { jsonOf, lineOf, linesOf, summaryOf, type StoredLetter } from './dead-letter-report.ts'
import { CommandError } from './errors.ts'
import { readPatiently } from './patient-reading.ts'

const actionOf = oneOf('list', 'show', 'replay')

export const deadLettersOptions = {
  ...kafkaOptions, ...schemaRegistryOptions, ...logOptions, ...filterOptions,
  limit: { help: 'Letters to list, show or replay at most', placeholder: '<number>', fallback: '1000', parse: wholeNumber(1, 1_000_000) },
  json: { help: 'Print one JSON object per letter', placeholder: '[true|false]', fallback: 'false', parse: boolean },
  'dry-run': { help: 'Replay nothing, and say what would be', placeholder: '[true|false]', fallback: 'false', parse: boolean },
  force: { help: 'Replay also what would be set aside again', placeholder: '[true|false]', fallback: 'false', parse: boolean },
} satisfies OptionSpecs

interface DeadLettersOptions extends OptionValues<typeof deadLettersOptions> {
  action: ReturnType<typeof actionOf>
}

export function readDeadLettersOptions(command: Command): DeadLettersOptions {
  const options = readOptions(command, deadLettersOptions, [...kafkaRules, ...schemaRegistryRules])
  try {
    return { ...options, action: actionOf(positionals(command)[0] ?? '') }
  } catch (error) {
    throw new ConfigError([`dead-letters: what to do ${error instanceof Error ? error.message : String(error)}`])
  }
}

interface Outlet {
  log: Logger
  print: (line: string) => void
}

/** Lists, shows or replays dead letters. Resolves with the exit code: 1 if no letter is meant, or one that is meant was not replayed. */
export async function deadLetters(options: DeadLettersOptions, outlet: Outlet): Promise<number> {
  const site = new Site(options, outlet.log)
  try {
    return options.action === 'replay' ? await replay(site, options, outlet) : await tell(site, options, outlet)
  } finally {
    await site.close()
  }
}

async function tell(site: Site, options: DeadLettersOptions, { print }: Outlet): Promise<number> {
  const { action, json, limit } = options
  const counts = new Map<string, number>()
  let left = limit
  await site.read(async letter => {
    counts.set(letter.reason, (counts.get(letter.reason) ?? 0) + 1)
    if (left-- <= 0) return
    if (action === 'list') print(json ? jsonOf(letter) : lineOf(letter))
    else {
      const now = await site.faultOf(letter) ?? 'it is an event'
      for (const line of json ? [jsonOf(letter, now)] : linesOf(letter, now)) print(line)
    }
  })
  if (!json) print(summaryOf(counts) + (left < 0 ? `; ${-left} are not told, see --limit` : ''))
  return counts.size > 0 ? 0 : 1
}

async function replay(site: Site, options: DeadLettersOptions, { print }: Outlet): Promise<number> {
  const { limit, force, 'dry-run': dryRun, json } = options
  const replaying = new Replay({
    append: (topic, partition, records) => site.writer(topic).append(partition, records),
    inputs: new Set(site.inputs.map(({ topic }) => topic)), faultOf: letter => site.faultOf(letter), force, dryRun,
  })
  let met = 0
  await site.read(async letter => { if (met++ < limit) await replaying.put(letter) })
  await replaying.flush()
  const { sent, skipped } = replaying
  if (json) print(JSON.stringify({ dryRun, replayed: sent, skipped: Object.fromEntries(skipped), beyondLimit: Math.max(0, met - limit) }))
  else {
    print(`${sent} record${sent === 1 ? '' : 's'} ${dryRun ? 'would be' : sent === 1 ? 'was' : 'were'} sent again`)
    for (const [reason, count] of skipped) print(`${count} not: ${skipReasons[reason]}`)
    if (met > limit) print(`${met - limit} not: beyond --limit`)
  }
  const harmless: SkipReason = 'twice'
  return sent > 0 && met <= limit && [...skipped.keys()].every(reason => reason === harmless) ? 0 : 1
}

/** The dead-letter topic, and what else is asked of Kafka and the schema registry. */
class Site {
  readonly inputs: ReturnType<typeof inputTopics>
  readonly #options: DeadLettersOptions
  readonly #log: Logger
  readonly #topic: string
  readonly #kafka: ReturnType<typeof createKafka>
  readonly #schemas: SchemaSource
  readonly #decoders = new Map<string, Decoder<EventKind>>()
  readonly #writers = new Map<string, TopicWriter>()

  constructor(options: DeadLettersOptions, log: Logger) {
    const names = topicNames(options['kafka.topic-prefix'], options['kafka.checkpoint-topic'] || undefined)
    this.inputs = inputTopics(names)
    this.#options = options
    this.#log = log
    this.#topic = names.deadLetters
    this.#kafka = createKafka(options, log, commandPatience)
    this.#schemas = schemaSource(options)
    for (const { topic, kind } of this.inputs) this.#decoders.set(topic, new Decoder<EventKind>(kind, this.#schemas.schemaById))
  }

  writer(topic: string): TopicWriter {
    const writer = this.#writers.get(topic) ?? new TopicWriter(this.#kafka, topic)
    this.#writers.set(topic, writer)
    return writer
  }

  /** Hands over the letters that are meant, one after the other, up to where the topic ends now. Rejects with what `take` rejects with. */
  async read(take: (letter: StoredLetter) => Promise<void>): Promise<void> {
    const isMeant = letterFilter(this.#options, this.inputs, Date.now())
    const ranges = await this.#ranges()
    if (ranges.size === 0) return
    let foreign = 0
    let last = Promise.resolve()
    const takeAll = async ({ partition, records }: ReadStretch): Promise<void> => {
      for (const record of withUnreadable(records)) {
        const letter = record instanceof UnreadableBatch ? null : readLetter(record)
        if (letter === null) foreign++
        else if (isMeant(letter)) await take({ ...letter, at: { partition, offset: record.offset } })
      }
    }
    await readPatiently(told => readRanges({ kafka: this.#kafka, topic: this.#topic, ranges, ...told }), {
      topic: this.#topic,
      take: stretch => (last = last.then(() => takeAll(stretch))), // partitions of several leaders come at once
    })
    if (foreign > 0) this.#log.warn(`${foreign} records of ${this.#topic} are no dead letters: who else writes there?`)
  }

  /** Why the record would be set aside today; null if it would not. */
  async faultOf({ topic, value, batchOf }: DeadLetter): Promise<string | null> {
    if (batchOf > 0) return 'a batch that nobody can read'
    const decoder = this.#decoders.get(topic)
    if (decoder === undefined) return `${topic} is no input of this deployment`
    const id = confluentSchemaId(value)
    if (id !== null) await this.#schemas.ensure(new Set([id]))
    const event = decoder.decode(value)
    return event instanceof Rejection ? `${event.reason}: ${event.detail}` : null
  }

  async close(): Promise<void> {
    for (const writer of this.#writers.values()) await writer.disconnect()
  }

  async #ranges(): Promise<Map<number, { from: number; end: number }>> {
    const admin = await connectAdmin(this.#options, this.#log)
    try {
      if ((await missingTopics(admin, [this.#topic])).length > 0) {
        throw new CommandError('no_topic', `there is no topic ${this.#topic}: is --kafka.topic-prefix right?`)
      }
      const bounds = await topicBounds(admin, [this.#topic])
      return new Map(bounds.filter(({ low, high }) => low < high).map(({ partition, low, high }) => [partition, { from: low, end: high }]))
    } finally {
      await admin.disconnect()
    }
  }
}
