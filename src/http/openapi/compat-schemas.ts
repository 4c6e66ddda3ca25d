import { array, object, ref } from './schemas.ts'

type Schema = Record<string, unknown>

const text = { type: 'string' }
const count = { type: 'integer', minimum: 0 }

/** Jaeger's envelope of every answer. */
function jaeger(data: Schema): Schema {
  return object({ data, total: count, limit: count, offset: count, errors: { type: 'null' } })
}

const frameField = object({ field_name: text, type: text, displayName: text, color: text }, ['displayName', 'color'])

/** A row of a node graph's frame; `arc__…` are shares of the circle, `detail__…` what a click shows. */
const grafanaNode = object({
  id: text, title: text, subTitle: text, mainStat: text, secondaryStat: text, arc__success: { type: 'number' }, arc__failed: { type: 'number' },
  detail__instances: count, detail__registered: text,
})
const grafanaEdge = object({ id: text, source: text, target: text, mainStat: text, secondaryStat: text, thickness: { type: 'number' } })

export const compatSchemas: Record<string, Schema> = {
  JaegerServices: jaeger(array(text)),
  JaegerDependencies: jaeger(array(object({ parent: text, child: text, callCount: count }))),
  ZipkinServices: array(text),
  ZipkinDependencies: array(object({ parent: text, child: text, callCount: count, errorCount: count })),
  GrafanaNodes: array(ref('GrafanaNode')),
  GrafanaEdges: array(ref('GrafanaEdge')),
  GrafanaNode: grafanaNode,
  GrafanaEdge: grafanaEdge,
  GrafanaFields: object({ nodes_fields: array(frameField), edges_fields: array(frameField) }),
  GrafanaGraph: object({ nodes: array(ref('GrafanaNode')), edges: array(ref('GrafanaEdge')) }),
  Targets: array(object({ targets: array(text), labels: { type: 'object', additionalProperties: text } })),
}
