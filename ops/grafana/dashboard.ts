import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type Dashboard,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { AnyPanel } from './panels.ts'
import { prometheusSource } from './sources.ts'
import { jobVariable, prometheusVariable } from './variables.ts'

/** What all of ours are found by. */
const TAG = 'discovery-metrics'

export interface Section {
  title: string
  panels: readonly AnyPanel[]
}

export interface Shown {
  uid: string
  title: string
  says: string
  /** Beside the data source and the deployment. */
  variables: readonly Builder<VariableModel>[]
  /** Labels that choose the services whose deployments are marked; without any, none are. */
  deploymentsOf?: string
  sections: readonly Section[]
}

/** A dashboard with what all of ours share: data source, deployment, links to the others, marks where something was deployed. */
export function dashboard({ uid, title, says, variables, deploymentsOf, sections }: Shown): Dashboard {
  const builder = new DashboardBuilder(`Discovery: ${title}`)
    .uid(uid)
    .description(says)
    .tags([TAG])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([prometheusVariable(), jobVariable(), ...variables])
    .link(
      new DashboardLinkBuilder('Discovery')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
  if (deploymentsOf !== undefined) builder.annotation(deployments(deploymentsOf))
  let id = 0
  for (const { title: name, panels } of sections) {
    builder.withRow(new RowBuilder(name).id(++id))
    for (const panel of panels) builder.withPanel(panel.id(++id))
  }
  return shown(builder.build())
}

/** The SDK would have links and marks in a menu. */
function shown(built: Dashboard): Dashboard {
  for (const each of [...(built.links ?? []), ...(built.annotations.list ?? [])]) delete each.placement
  return built
}

/** The moments themselves are in the series: no scrape is missed between two of them, and none is shown twice. */
function deployments(matchers: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Deployments')
    .datasource(prometheusSource)
    .enable(true)
    .iconColor('purple')
    .expr(`max by (namespace, service) (discovery_last_deployment_timestamp_seconds{${matchers}}) * 1000`)
    .useValueForTime(true)
    .step('60s')
    .titleFormat('{{namespace}}/{{service}}')
    .textFormat('a version was seen for the first time')
    .tagKeys('namespace,service')
}

/** Where a series of one service leads. */
export function serviceLink(
  namespace = '${__field.labels.namespace}',
  service = '${__field.labels.service}',
): { title: string; url: string } {
  const own = '${datasource:queryparam}&${job:queryparam}&${__url_time_range}'
  return { title: 'This service', url: `/d/discovery-service?var-namespace=${namespace}&var-service=${service}&${own}` }
}
