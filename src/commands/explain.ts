import type { Command } from 'commander'
import type { Logger } from 'pino'
import { partitionKey, type LogBounds } from '../aggregator/records.ts'
import { CheckpointCodec } from '../checkpoint/codec.ts'
import { parseCheckpointKey } from '../checkpoint/keys.ts'
import type { ReadStretch } from '../checkpoint/log.ts'
import { boolean, ConfigError, positionals, readOptions, type OptionSpecs, type OptionValues } from '../config.ts'
import { inputTopics, topicNames } from '../contract/topics.ts'
import type { AnyCell } from '../core/cells.ts'
import { connectAdmin, missingTopics, topicBounds } from '../kafka/admin.ts'
import { commandPatience, createKafka } from '../kafka/client.ts'
import { kafkaOptions, kafkaRules } from '../kafka/options.ts'
import { logOptions } from '../logging.ts'
import { parseSelector, SelectorError, type Selector } from '../verify/selector.ts'
import { visibleCells } from '../views/shard.ts'
import { CheckpointReader } from './checkpoint-reader.ts'
import { CommandError } from './errors.ts'
import { policyIn, policyOptions } from './policy-option.ts'
import { explanationLines, type Explanation } from './explain-report.ts'
import { countedAs, familyNamed, samplesOf, seriesText, similarNames, unknownLabels, type NamedFamily } from './explain-series.ts'

const MOST_SERIES = 50
/** Newest offsets of a cell's records that are told. */
const MOST_OFFSETS = 5

export const explainOptions = {
  ...kafkaOptions,
  ...policyOptions,
  ...logOptions,
  json: { help: 'Print one JSON object per series', placeholder: '[true|false]', fallback: 'false', parse: boolean },
} satisfies OptionSpecs

interface ExplainOptions extends OptionValues<typeof explainOptions> {
  selector: Selector
}

export function readExplainOptions(command: Command): ExplainOptions {
  const options = readOptions(command, explainOptions, kafkaRules)
  try {
    return { ...options, selector: parseSelector(positionals(command)[0] ?? '') }
  } catch (error) {
    throw error instanceof SelectorError ? new ConfigError([error.message]) : error
  }
}

/** Tells where numbers come from. Resolves with the exit code: 1 if there is no such series. Rejects with `unknown_family`. */
export async function explain(options: ExplainOptions, { log, print }: { log: Logger; print: (line: string) => void }): Promise<number> {
  const named = familyOf(options.selector)
  const { naming } = policyIn(options['policy.file'])
  const names = topicNames(options['kafka.topic-prefix'], options['kafka.checkpoint-topic'] || undefined)
  const inputs = inputTopics(names)
  const admin = await connectAdmin(options, log)
  try {
    const missing = await missingTopics(admin, [names.checkpoints])
    if (missing.length > 0) throw new CommandError('no_topic', `there is no topic ${names.checkpoints}: are --kafka.topic-prefix and --kafka.checkpoint-topic right, and may this user read it?`)
    const places = new Places(named.family.cell)
    const reader = new CheckpointReader({
      kafka: createKafka(options, log, commandPatience), topic: names.checkpoints, codec: new CheckpointCodec(),
      tell: (level, message) => log[level](message), onStretch: stretch => places.note(stretch),
    })
    await reader.readTo(await topicBounds(admin, [names.checkpoints]))
    const ends = await endsOf(admin, inputs.map(({ topic }) => topic))
    let found = 0
    for (const selector of [options.selector, countedAs(options.selector, naming)]) {
      if (found > 0) break
      for (const explanation of explanations(selector, { named, reader, places, inputs, ends })) {
        if (++found > MOST_SERIES) continue
        for (const line of options.json ? [JSON.stringify(explanation)] : explanationLines(explanation)) print(line)
      }
    }
    if (found > MOST_SERIES) log.warn(`${found - MOST_SERIES} more series match: give more labels`)
    if (found === 0) log.error(`no series matches: the checkpoints have no such cell, or its labels are others`)
    return found > 0 ? 0 : 1
  } finally {
    await admin.disconnect()
  }
}

function familyOf(selector: Selector): NamedFamily {
  const named = familyNamed(selector.name)
  if (named === null) {
    const similar = similarNames(selector.name)
    const hint = similar.length > 0 ? `: is it ${similar.join(' or ')}?` : ': docs/metrics.md lists all'
    throw new CommandError('unknown_family', `no family ${selector.name} is counted from the inputs${hint}`)
  }
  const unknown = unknownLabels(selector, named)
  if (unknown.length === 0) return named
  throw new ConfigError([`${selector.name} has no label ${unknown.join(', ')}; it has ${[...named.family.labels, 'shard'].join(', ')}`])
}

interface Sources {
  named: NamedFamily
  reader: CheckpointReader
  places: Places
  inputs: ReturnType<typeof inputTopics>
  ends: ReadonlyMap<string, LogBounds>
}

function* explanations({ labels }: Selector, { named, reader, places, inputs, ends }: Sources): Generator<Explanation> {
  const kind = named.family.cell
  for (const visible of reader.view.visible) {
    const { shard } = visible
    const view = reader.view.shard(shard)
    const { progress, claim } = view
    const dash = shard.lastIndexOf('-')
    const topic = inputs.find(input => input.shard === shard.slice(0, dash))?.topic ?? shard.slice(0, dash)
    const partition = Number(shard.slice(dash + 1))
    if (progress === null || (labels.get('shard') ?? shard) !== shard) continue
    for (const cell of visibleCells(visible)[kind].values() as Iterable<AnyCell>) {
      for (const sample of samplesOf(cell, { named, shard, labels })) {
        const head = view.cells[kind].head(cell.key)
        const end = ends.get(partitionKey({ topic, partition }))
        yield {
          series: seriesText(sample), value: sample.value, shard, topic, partition, kind, key: cell.key,
          asOf: head?.asOf ?? cell.asOf, expiresAt: head?.expiresAt ?? cell.expiresAt, epoch: head?.epoch ?? -1,
          writtenUnder: reader.claims.get(shard)?.find(each => each.epoch === head?.epoch) ?? null,
          owner: claim, next: progress.asOf, policySince: progress.policySince, streamTime: progress.streamTime, lag: end === undefined ? null : Math.max(0, end.high - progress.asOf),
          offsets: places.of(shard, cell.key).slice(-MOST_OFFSETS),
        }
      }
    }
  }
}

async function endsOf(admin: Awaited<ReturnType<typeof connectAdmin>>, topics: readonly string[]): Promise<Map<string, LogBounds>> {
  const missing = new Set(await missingTopics(admin, topics))
  const bounds = await topicBounds(admin, topics.filter(topic => !missing.has(topic)))
  return new Map(bounds.map(each => [partitionKey(each), each]))
}

/** At which offsets of the checkpoint topic the cells of one kind stand. */
class Places {
  readonly #kind: string
  readonly #offsets = new Map<string, number[]>()

  constructor(kind: string) {
    this.#kind = kind
  }

  note({ records }: ReadStretch): void {
    for (const { key, offset } of records) {
      const name = key === null ? null : parseCheckpointKey(key)
      if (name?.kind !== this.#kind) continue
      const text = `${name.shard} ${name.key}`
      const held = this.#offsets.get(text)
      if (held === undefined) this.#offsets.set(text, [offset])
      else if (held.push(offset) > MOST_OFFSETS) held.shift()
    }
  }

  of(shard: string, key: string): readonly number[] {
    return this.#offsets.get(`${shard} ${key}`) ?? []
  }
}

