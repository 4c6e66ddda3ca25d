import type { Registry } from 'prom-client'
import type { AnyCell, CellKind } from '../core/cells.ts'
import type { CellSource, ReadableCells, VisibleShard } from '../views/shard.ts'
import { FoldCollector, type Collected } from './collector.ts'
import { showShards, type ShownShard } from './fold-family.ts'
import { FoldFamilyText } from './fold-text.ts'
import { LabelText } from './label-text.ts'
import { metricText } from './metric-text.ts'
import type { Format } from './text.ts'

/** Written before it is asked whether others should have their turn: a millisecond or two. */
const CELLS_AT_ONCE = 64

export interface PageSource {
  registry: Registry
  shards: Iterable<VisibleShard>
  format: Format
  /** Lets others work. */
  turn: () => Promise<void>
}

/**
 * A whole page of a registry, as UTF-8 in chunks of about 64 KiB and in the order of registration: what `registry.metrics()` says, without its
 * arrays and its blocking, for the event loop turns now and then. Families that one kind of cell feeds are written side by side, since each
 * cell is decoded for the page. The shards must stand still meanwhile. Throws what a metric throws: then the page is not whole.
 */
export async function renderPage({ registry, shards, format, turn }: PageSource): Promise<Buffer[]> {
  const shown = showShards(shards)
  const page: Buffer[] = []
  for (const metrics of groupedByCell(registry.getMetricsAsArray())) {
    const [first] = metrics
    if (!(first instanceof FoldCollector)) page.push(Buffer.from(await ownText(first, format)))
    else page.push(...await foldText(metrics.filter(metric => metric instanceof FoldCollector), { shards: shown, format, turn }))
  }
  if (format === 'openmetrics') page.push(Buffer.from('# EOF\n'))
  return page
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

interface FoldPage extends Pick<PageSource, 'format' | 'turn'> {
  shards: readonly ShownShard[]
}

async function foldText(collectors: readonly FoldCollector[], { shards, format, turn }: FoldPage): Promise<Buffer[]> {
  const labelTexts = new Map<string, LabelText>()
  const families = collectors.map(({ family }) => new FoldFamilyText(family, { labels: labelTextFor(family.labels, labelTexts), format }))
  let taken = 0
  for (const { shard, cells } of shards) {
    for (const labels of labelTexts.values()) labels.beginShard(shard)
    for (const cell of cellsFor(collectors, cells)) {
      for (const family of families) family.take(cell)
      if (++taken % CELLS_AT_ONCE === 0) await turn()
    }
  }
  return families.flatMap(family => family.chunks())
}

function labelTextFor(labels: readonly string[], held: Map<string, LabelText>): LabelText {
  const text = held.get(labels.join()) ?? new LabelText(labels)
  held.set(labels.join(), text)
  return text
}

/** All of these read the same kind. */
function cellsFor([collector]: readonly FoldCollector[], cells: CellSource): Iterable<AnyCell> {
  return collector === undefined ? [] : passingCells(cells, collector.family.cell)
}

function passingCells(cells: CellSource, kind: CellKind): Iterable<AnyCell> {
  const source: ReadableCells<AnyCell> = cells[kind]
  return source.passing?.(() => true) ?? source.values()
}

async function ownText(metric: unknown, format: Format): Promise<string> {
  // prom-client's declarations leave `get` out here.
  return metricText(await (metric as { get: () => Promise<Collected> }).get(), format)
}
