import type { Registry } from 'prom-client'
import type { AnyCell } from '../core/cells.ts'
import { passingCells, type CellSource, type VisibleShard } from '../views/shard.ts'
import { FoldCollector, type Collected } from './collector.ts'
import { showShards, type ShownShard } from './fold-family.ts'
import { FoldFamilyText } from './fold-text.ts'
import { LabelText } from './label-text.ts'
import { metricText } from './metric-text.ts'
import { everything, shownMetrics, wantedCells, type PageFilter } from './page-filter.ts'
import type { Format } from './text.ts'

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
  /** Lets others work. */
  turn: () => Promise<void>
}

/**
 * A whole page of a registry, as UTF-8 in chunks of about 64 KiB and in the order of registration: what `registry.metrics()` says, without its
 * arrays and its blocking, for the event loop turns now and then. Families that one kind of cell feeds are written side by side, since each
 * cell is read for the page, and nothing is read that it does not show. The shards must stand still meanwhile. Throws what a metric throws: then the page is not whole.
 */
export async function renderPage({ registry, shards, format, filter = everything, created = false, turn }: PageSource): Promise<Buffer[]> {
  const shown = showShards(shards)
  const fold: FoldPage = { shards: shown, format, created, isWanted: wantedCells(filter), turn }
  const page: Buffer[] = []
  for (const metrics of groupedByCell(shownMetrics(registry.getMetricsAsArray(), filter))) {
    const [first] = metrics
    if (!(first instanceof FoldCollector)) page.push(Buffer.from(await ownText(first, format)))
    else page.push(...await foldText(metrics.filter(metric => metric instanceof FoldCollector), fold))
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

interface FoldPage {
  shards: readonly ShownShard[]
  format: Format
  created: boolean
  isWanted: (names: AnyCell) => boolean
  turn: () => Promise<void>
}

async function foldText(collectors: readonly FoldCollector[], { shards, format, created, isWanted, turn }: FoldPage): Promise<Buffer[]> {
  const labelTexts = new Map<string, LabelText>()
  const families = collectors.map(({ family }) => new FoldFamilyText(family, { labels: labelTextFor(family.labels, labelTexts), format, created }))
  let passed = 0
  for (const { shard, cells } of shards) {
    for (const labels of labelTexts.values()) labels.beginShard(shard)
    for (const cell of cellsFor(collectors, cells, isWanted)) {
      if (cell !== null) for (const family of families) family.take(cell)
      if (++passed % CELLS_AT_ONCE === 0) await turn()
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
function cellsFor([collector]: readonly FoldCollector[], cells: CellSource, isWanted: FoldPage['isWanted']): Iterable<AnyCell | null> {
  return collector === undefined ? [] : passingCells<AnyCell>(cells[collector.family.cell], isWanted)
}

async function ownText(metric: unknown, format: Format): Promise<string> {
  // prom-client's declarations leave `get` out here.
  return metricText(await (metric as { get: () => Promise<Collected> }).get(), format)
}
