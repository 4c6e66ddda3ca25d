import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { allDashboards } from '../../ops/grafana/dashboards.ts'

interface Target {
  refId: string
  expr?: string
  url?: string
  datasource?: { type: string; uid: string }
}

export interface ShownPanel {
  id: number
  type: string
  title: string
  description: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets: Target[]
  datasource?: { type: string; uid: string }
  fieldConfig: { defaults: { noValue?: string; unit?: string; links?: { url: string }[] } }
}

export interface ShownDashboard {
  uid: string
  title: string
  description: string
  tags: string[]
  links: { tags: string[]; includeVars: boolean; keepTime: boolean }[]
  panels: (ShownPanel | { type: 'row'; id: number; title: string; gridPos: ShownPanel['gridPos'] })[]
  templating: { list: { name: string; type: string; query?: string | { query: string }; datasource?: { uid: string } }[] }
  annotations: { list?: { expr: string; useValueForTime: boolean }[] }
}

/** The dashboards as Grafana reads them. */
export function shownDashboards(): ShownDashboard[] {
  return allDashboards().map(asRead)
}

/** What is left of a dashboard in JSON. */
function asRead(dashboard: Dashboard): ShownDashboard {
  return JSON.parse(JSON.stringify(dashboard)) as ShownDashboard
}

export function panelsOf({ panels }: ShownDashboard): ShownPanel[] {
  return panels.filter((panel): panel is ShownPanel => panel.type !== 'row')
}

/** Every PromQL expression of a dashboard, and where it stands. */
export function expressionsOf(dashboard: ShownDashboard): { at: string; expr: string }[] {
  const { uid, annotations, templating } = dashboard
  return [
    ...panelsOf(dashboard).flatMap(({ title, targets }) =>
      targets.flatMap(({ expr }) => (expr === undefined ? [] : [{ at: `${uid}: ${title}`, expr }])),
    ),
    ...(annotations.list ?? []).map(({ expr }) => ({ at: `${uid}: annotation`, expr })),
    ...templating.list.flatMap(({ name, type, query }) =>
      type === 'query' ? [{ at: `${uid}: $${name}`, expr: seriesAskedFor(query) }] : [],
    ),
  ]
}

/** `label_values(SERIES, LABEL)` is `count by (LABEL) (SERIES)`. */
function seriesAskedFor(query: string | { query: string } | undefined): string {
  const text = typeof query === 'object' ? query.query : (query ?? '')
  const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(text) ?? []
  return `count by (${label}) (${series})`
}

/** An expression as Grafana would send it: with the values that variables have. */
export function interpolated(expr: string, values: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = { __rate_interval: '1m', __range: '1h', ...values }
  return expr.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => all[braced ?? bare ?? ''] ?? whole)
}
