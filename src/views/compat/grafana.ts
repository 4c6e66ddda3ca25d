import type { GraphEdge } from '../edges.ts'
import { nodeId, type GraphNode } from '../graph/node-reader.ts'

// Rows of the two frames of Grafana's node graph panel (grafana-data, `NodeGraphDataFrameFieldNames`). The panel takes names of fields in
// upper or lower case; the Node Graph API data source has them as they are here.

export interface GrafanaNode {
  id: string
  title: string
  subTitle: string
  mainStat: string
  secondaryStat: string
  /** Shares of the circle around the node: they add up to 1. */
  arc__success: number
  arc__failed: number
  detail__instances: number
  detail__registered: string
}

export interface GrafanaEdge {
  id: string
  source: string
  target: string
  mainStat: string
  secondaryStat: string
  /** 1 to 5, of the look-ups a second. */
  thickness: number
}

export const grafanaFields = {
  nodes_fields: [
    { field_name: 'id', type: 'string' }, { field_name: 'title', type: 'string', displayName: 'Service' },
    { field_name: 'subTitle', type: 'string', displayName: 'Namespace' },
    { field_name: 'mainStat', type: 'string', displayName: 'Look-ups' }, { field_name: 'secondaryStat', type: 'string', displayName: 'Failed' },
    { field_name: 'arc__success', type: 'number', color: 'green', displayName: 'Success' },
    { field_name: 'arc__failed', type: 'number', color: 'red', displayName: 'Failed' },
    { field_name: 'detail__instances', type: 'number', displayName: 'Live instances' },
    { field_name: 'detail__registered', type: 'string', displayName: 'Registered' },
  ],
  edges_fields: [
    { field_name: 'id', type: 'string' }, { field_name: 'source', type: 'string' }, { field_name: 'target', type: 'string' },
    { field_name: 'mainStat', type: 'string', displayName: 'Look-ups' }, { field_name: 'secondaryStat', type: 'string', displayName: 'Failed' },
    { field_name: 'thickness', type: 'number' },
  ],
}

const THICKEST = 5

export function grafanaNode({ namespace, service, instances, registered, lookups: { ratePerSecond, errorRatio } }: GraphNode): GrafanaNode {
  const failed = errorRatio ?? 0
  return {
    id: nodeId({ namespace, service }), title: service, subTitle: namespace, mainStat: rateText(ratePerSecond), secondaryStat: failedText(errorRatio),
    arc__success: 1 - failed, arc__failed: failed, detail__instances: Object.values(instances).reduce((sum, count) => sum + count, 0),
    detail__registered: registered ? 'yes' : 'no',
  }
}

export function grafanaEdge({ clientNamespace, client, namespace, service, ratePerSecond, errorRatio }: GraphEdge): GrafanaEdge {
  const [source, target] = [nodeId({ namespace: clientNamespace, service: client }), nodeId({ namespace, service })]
  return {
    id: `${source}>${target}`, source, target, mainStat: rateText(ratePerSecond), secondaryStat: failedText(errorRatio),
    thickness: Math.min(THICKEST, 1 + Math.log10(1 + ratePerSecond)),
  }
}

function rateText(rate: number): string {
  return `${Number(rate.toPrecision(3))}/s`
}

function failedText(ratio: number | null): string {
  return ratio === null ? 'no look-ups' : `${Number((ratio * 100).toPrecision(3))} % failed`
}
