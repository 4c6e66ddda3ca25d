import type { Registry } from 'prom-client'
import type { AnyCell } from '../core/cells.ts'
import { passingCells, type CellSource, type VisibleShard } from '../views/shard.ts'
import { ByteText } from './byte-text.ts'
import { FoldCollector, type Collected } from './collector.ts'
import { FindingsCollector } from './findings-family.ts'
import { showShards, type ShownShard } from './fold-family.ts'
import { FoldFamilyText } from './fold-text.ts'
import { DeflateSink, gzipOf } from './gzip.ts'
import { LabelText } from './label-text.ts'
import { metricText } from './metric-text.ts'
import { everything, shownMetrics, wantedCells, type PageFilter } from './page-filter.ts'
import { PlainSink, type Stretch, type TextSink } from './text-sink.ts'
import type { Format } from './text.ts'

/** How a page is sent (RFC 9110, content codings). */
export type Encoding = 'identity' | 'gzip'

/** Written before it is asked whether others should have their turn: a millisecond or two. */
const CELLS_AT_ONCE = 64

export interface PageSource {
  registry: Registry
  shards: Iterable<VisibleShard>
  format: Format
  /** {@link everything} unless given. */
  filter?: PageFilter
  /** With `_created` samples, where the format has them. */
  created?: boolean
  /** Unless given, the text as it is. */
  encoding?: Encoding
  /** Lets others work. */
  turn: () => Promise<void>
}

/**
 * A whole page of a registry, as UTF-8 in chunks and in the order of registration, compressed while it is written if that is asked for: what `registry.metrics()` says, without its
 * arrays and its blocking, for the event loop turns now and then. Families that one kind of cell feeds are written side by side, since each
 * cell is read for the page, and nothing is read that it does not show. The shards must stand still meanwhile. Throws what a metric throws: then the page is not whole.
 */
export async function renderPage({ encoding = 'identity', ...source }: PageSource): Promise<Buffer[]> {
  if (encoding === 'gzip') return gzipOf(await stretchesOf(source, () => new DeflateSink()))
  return (await stretchesOf(source, () => new PlainSink())).flatMap(({ chunks }) => [...chunks])
}

async function stretchesOf<S extends Stretch>(source: Omit<PageSource, 'encoding'>, newSink: () => TextSink<S>): Promise<S[]> {
  const { registry, shards, format, filter = everything, created = false, turn } = source
  const fold: FoldPage = { shards: await showShards(shards, turn), format, created, isWanted: wantedCells(filter), turn }
  const stretches: S[] = []
  let own = ''
  for (const metrics of groupedByCell(shownMetrics(registry.getMetricsAsArray(), filter))) {
    const collectors = metrics.filter(metric => metric instanceof FoldCollector)
    if (collectors.length === 0) {
      for (const metric of metrics) own += await ownText(metric, fold)
    } else {
      if (own !== '') stretches.push(await stretchOf(own, newSink()))
      own = ''
      stretches.push(...await foldText(collectors, newSink, fold))
    }
  }
  if (format === 'openmetrics') own += '# EOF\n'
  return [...stretches, await stretchOf(own, newSink())]
}

function stretchOf<S extends Stretch>(text: string, sink: TextSink<S>): Promise<S> {
  const bytes = new ByteText(sink)
  bytes.write(text)
  bytes.close()
  return sink.end()
}

/** Families that are fed by the same kind of cell and stand side by side, together; any other metric by itself. */
function groupedByCell(metrics: readonly unknown[]): unknown[][] {
  const groups: unknown[][] = []
  for (const metric of metrics) {
    const last = groups.at(-1)
    if (last !== undefined && cellOf(metric) !== null && cellOf(metric) === cellOf(last[0])) last.push(metric)
    else groups.push([metric])
  }
  return groups
}

function cellOf(metric: unknown): string | null {
  return metric instanceof FoldCollector ? metric.family.cell : null
}

interface FoldPage {
  shards: readonly ShownShard[]
  format: Format
  created: boolean
  isWanted: (names: AnyCell) => boolean
  turn: () => Promise<void>
}

async function foldText<S extends Stretch>(collectors: readonly FoldCollector[], newSink: () => TextSink<S>, page: FoldPage): Promise<S[]> {
  const { shards, format, created, isWanted, turn } = page
  const labelTexts = new Map<string, LabelText>()
  const written = collectors.map(({ family }) => {
    const sink = newSink()
    return { sink, text: new FoldFamilyText(family, { sink, labels: labelTextFor(family.labels, labelTexts), format, created }) }
  })
  let passed = 0
  for (const { shard, cells } of shards) {
    for (const labels of labelTexts.values()) labels.beginShard(shard)
    for (const cell of cellsFor(collectors, cells, isWanted)) {
      if (cell !== null) for (const { text } of written) text.take(cell)
      if (++passed % CELLS_AT_ONCE !== 0) continue
      await turn()
      for (const { sink } of written) await sink.room()
    }
  }
  for (const { text } of written) text.close()
  return Promise.all(written.map(({ sink }) => sink.end()))
}

function labelTextFor(labels: readonly string[], held: Map<string, LabelText>): LabelText {
  const text = held.get(labels.join()) ?? new LabelText(labels)
  held.set(labels.join(), text)
  return text
}

/** All of these read the same kind. */
function cellsFor([collector]: readonly FoldCollector[], cells: CellSource, isWanted: FoldPage['isWanted']): Iterable<AnyCell | null> {
  return collector === undefined ? [] : passingCells<AnyCell>(cells[collector.family.cell], isWanted)
}

async function ownText(metric: unknown, { shards, format }: FoldPage): Promise<string> {
  if (metric instanceof FindingsCollector) return metricText(metric.collect(shards), format)
  // prom-client's declarations leave `get` out here.
  return metricText(await (metric as { get: () => Promise<Collected> }).get(), format)
}
