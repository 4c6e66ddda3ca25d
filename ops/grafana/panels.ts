import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import * as common from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardLinkBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DashboardLink,
  type Panel,
  type ThresholdsConfig,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { prometheusSource } from './sources.ts'

/** From which share of failures on a figure stands out. */
export const failureSteps = [[0.001, 'orange'], [0.01, 'red']] as const

/** What every panel tells: a question's answer, in a unit of Grafana's list of formats. */
export interface Told {
  title: string
  /** What it means, and where to go from there. */
  says: string
  unit?: string
  /** Of 24 columns. */
  width?: number
  /** Of rows of 30 pixels. */
  height?: number
  /** Colours from these values on; below the first one: green. */
  steps?: readonly (readonly [value: number, colour: string])[]
  /** The colour below the first step. */
  base?: string
  /** What stands where the queries give no series. */
  none?: string
  link?: { title: string; url: string }
}

/** A PromQL expression, and what its series are called: `{{label}}`. */
export interface Asked {
  expr: string
  legend?: string
}

/** What the builders of the panels have in common. */
export interface AnyPanel extends Builder<Panel> {
  id(id: number): this
  title(title: string): this
  description(description: string): this
  unit(unit: string): this
  span(width: number): this
  height(height: number): this
  noValue(text: string): this
  thresholds(thresholds: Builder<ThresholdsConfig>): this
  dataLinks(links: Builder<DashboardLink>[]): this
  datasource(source: common.DataSourceRef): this
  targets(targets: Builder<Dataquery>[]): this
}

/** Sets what every panel tells. */
export function told<P extends AnyPanel>(
  panel: P,
  { title, says, unit, width = 8, height = 8, steps, base = 'green', none, link }: Told,
): P {
  panel.title(title).description(says).span(width).height(height)
  if (unit !== undefined) panel.unit(unit)
  if (none !== undefined) panel.noValue(none)
  if (link) panel.dataLinks([new DashboardLinkBuilder(link.title).url(link.url)])
  const coloured = [{ value: null, color: base }, ...(steps ?? []).map(([value, color]) => ({ value, color }))]
  panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(coloured))
  return panel
}

/** One number as of now, large, with its course behind it. */
export function stat(about: Told, ...asked: readonly Asked[]): StatBuilder {
  return told(new StatBuilder(), { width: 4, height: 4, ...about })
    .datasource(prometheusSource)
    .targets(queries(asked))
    .graphMode(common.BigValueGraphMode.Area)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
}

/** Courses over time. */
export function timeseries(about: Told, asked: readonly Asked[]): TimeseriesBuilder {
  return told(new TimeseriesBuilder(), about)
    .datasource(prometheusSource)
    .targets(queries(asked))
    .min(0)
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(common.VisibilityMode.Never)
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi))
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
}

/** Courses that add up to a whole. */
export function stacked(about: Told, asked: readonly Asked[]): TimeseriesBuilder {
  return timeseries(about, asked).fillOpacity(40).stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal))
}

/** What a column of a table shows: a series' value under the name `name`. */
export interface Column extends Asked {
  name: string
  unit: string
}

/** A row for each set of labels, as of now; a column for each label and each query. */
export function table(about: Told, columns: readonly Column[]): TableBuilder {
  const refs = columns.map((_, index) => refOf(index))
  const panel = told(new TableBuilder(), { width: 12, ...about })
    .datasource(prometheusSource)
    .filterable(true)
    .targets(columns.map(({ expr }, index) => query({ expr }, index).instant().format(PromQueryFormat.Table)))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: { excludeByName: { Time: true }, renameByName: renamed(columns, refs) } })
  for (const { name, unit } of columns) panel.overrideByName(name, [{ id: 'unit', value: unit }])
  return columns[0] ? panel.sortBy([new common.TableSortByFieldStateBuilder().displayName(columns[0].name).desc(true)]) : panel
}

/** A single query's value is called `Value`, several are told apart. */
function renamed(columns: readonly Column[], refs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    columns.flatMap(({ name }, index) => [[`Value #${refs[index]}`, name], ...(index === 0 ? [['Value', name]] : [])]),
  )
}

function queries(asked: readonly Asked[]): DataqueryBuilder[] {
  return asked.map((each, index) => query(each, index).range())
}

function query({ expr, legend = '__auto' }: Asked, index: number): DataqueryBuilder {
  return new DataqueryBuilder().refId(refOf(index)).expr(expr).legendFormat(legend).datasource(prometheusSource)
}

function refOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}
