import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { CustomVariableBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { ArcOptionBuilder, NodeOptionsBuilder, PanelBuilder as NodeGraphBuilder } from '@grafana/grafana-foundation-sdk/nodegraph'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { dashboard, serviceLink, type Section } from './dashboard.ts'
import { table, timeseries, told } from './panels.ts'
import { apiSource } from './sources.ts'
import { apiVariable, labelVariable, namespaceVariable } from './variables.ts'

/**
 * What stands for all where a value is part of an address: it ends a parameter that is given no value, which is as if it was not given.
 * (Grafana takes an empty text for none.)
 */
const NOT_GIVEN = '&'
const FILTER = 'namespace=${namespace}&service=${service}&${depth}&failing=${failing}'

/** Who depends on whom, as the API of any replica has it now; and what Prometheus knows of the same. */
export function mapDashboard(): Dashboard {
  return dashboard({
    uid: 'discovery-map',
    title: 'dependency map',
    says: 'Who looks up whom, derived from look-ups alone. The node graph is as of now; the replicas themselves serve a larger map.',
    variables: [
      apiVariable(),
      namespaceVariable({ several: false }).includeAll(true).allValue(NOT_GIVEN),
      labelVariable('service', 'Around the service', 'label_values(discovery_lookups_total{job="$job"}, service)')
        .includeAll(true)
        .allValue(NOT_GIVEN),
      new CustomVariableBuilder('depth').label('Edges away from it').values(`1 : ${NOT_GIVEN},2 : depth=2,3 : depth=3`),
      new CustomVariableBuilder('failing').label('Only what fails').values('no : false,yes : true'),
    ],
    sections: [map, looks, edges],
  })
}

/** A query of the Infinity data source, whose types the SDK does not have (grafana-infinity-datasource, `query.types.ts`). */
interface ApiQuery {
  refId: string
  format: 'node-graph-nodes' | 'node-graph-edges' | 'table'
  url: string
  rows?: string
  columns?: readonly string[]
}

function ask({ refId, format, url, rows = '', columns = [] }: ApiQuery): Builder<Dataquery> {
  const query = {
    refId,
    datasource: apiSource,
    type: 'json',
    source: 'url',
    parser: 'backend',
    format,
    url,
    url_options: { method: 'GET', data: '' },
    root_selector: rows,
    columns: columns.map(name => ({ selector: name, text: name, type: 'string' })),
    filters: [],
  }
  return { build: () => ({ ...query, _implementsDataqueryVariant: () => undefined }) }
}

const map: Section = {
  title: 'The map',
  panels: [
    told(new NodeGraphBuilder(), {
      title: 'Who looks up whom',
      width: 24,
      height: 20,
      none: 'nobody looks up anything',
      says: 'Rates are over five minutes; red is the share that failed. Edges away from a service need a service to be chosen.',
      link: serviceLink('${__data.fields.subTitle}', '${__data.fields.title}'),
    })
      .datasource(apiSource)
      .targets([
        ask({ refId: 'nodes', format: 'node-graph-nodes', url: `/api/v1/grafana/nodes?${FILTER}` }),
        ask({ refId: 'edges', format: 'node-graph-edges', url: `/api/v1/grafana/edges?${FILTER}` }),
      ])
      .nodes(
        new NodeOptionsBuilder().arcs([
          new ArcOptionBuilder().field('arc__success').color('green'),
          new ArcOptionBuilder().field('arc__failed').color('red'),
        ]),
      ),
  ],
}

const looks: Section = {
  title: 'What looks wrong, and what has changed',
  panels: [
    told(new TableBuilder(), {
      title: 'Findings',
      width: 12,
      height: 10,
      none: 'none',
      says: 'Cycles, look-ups of what nobody registers, single points of failure and so on; docs/api.md says what each is.',
    })
      .datasource(apiSource)
      .targets([
        ask({
          refId: 'findings',
          format: 'table',
          url: '/api/v1/findings',
          rows: 'findings',
          columns: ['kind', 'namespace', 'service', 'message'],
        }),
      ]),
    told(new TableBuilder(), {
      title: 'Changes of the last hour',
      width: 12,
      height: 10,
      none: 'none',
      says: 'Derived from when things were first and last seen.',
    })
      .datasource(apiSource)
      .targets([
        ask({
          refId: 'changes',
          format: 'table',
          url: '/api/v1/graph/changes?since=1h',
          rows: 'changes',
          columns: ['at', 'kind', 'clientNamespace', 'client', 'namespace', 'service', 'version'],
        }),
      ]),
    timeseries({ title: 'Findings by kind', unit: 'none', width: 24, says: 'How many there were.' }, [
      { expr: 'max by (kind) (discovery_findings{job="$job"})', legend: '{{kind}}' },
    ]),
  ],
}

const ENDS = 'client_service_namespace, client, server_service_namespace, server'
const rate = (family: string): string => `sum by (${ENDS}) (rate(discovery_service_graph_request_${family}{job="$job"}[5m]))`

const edges: Section = {
  title: 'Edges',
  panels: [
    table({ title: 'The busiest', width: 12, height: 12, says: 'Over the last five minutes.' }, [
      { name: 'Look-ups', unit: 'reqps', expr: `topk(50, ${rate('total')})` },
    ]),
    table(
      { title: 'Those that fail', width: 12, height: 12, none: 'none', says: 'How much of the look-ups of the last five minutes failed.' },
      [{ name: 'Failed', unit: 'percentunit', expr: `topk(50, ${rate('failed_total')} / (${rate('total')} > 0) > 0)` }],
    ),
  ],
}
