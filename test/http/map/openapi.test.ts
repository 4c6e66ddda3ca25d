import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { operations } from '../../../src/http/openapi/operations.ts'
import { jsonAt, serveShop } from './endpoints-site.ts'

interface Document {
  paths: Record<string, { get: { operationId: string; responses: { 200: { content: Record<string, { schema: object }> } } } }>
  components: { schemas: object }
}

/** A question to each path that the document has, which is answered. */
const questions: Record<string, string[]> = {
  '/api/v1/graph': ['', '?service=cart&namespace=shop&depth=2&direction=dependencies', '?limit=2', '?namespace=bank&failing=true&includeIdle=false'],
  '/api/v1/graph/namespaces': ['', '?includeIdle=false'],
  '/api/v1/graph/cycles': ['', '?limit=0'],
  '/api/v1/graph/path': ['?from=shop/web&to=bank/pay', '?from=bank/pay&to=shop/web'],
  '/api/v1/graph/changes': ['', '?since=1h&kind=edge_appeared&limit=1'],
  '/api/v1/graph/diff': ['?from=1h', '?from=2026-01-01T00:00:00Z&to=2026-01-01T13:00:00Z'],
  '/api/v1/cardinality': ['', '?limit=1&edge.total=1&agent.total=1'],
  '/api/v1/findings': ['', '?kind=cycle', '?limit=1'],
  '/api/v1/services': ['', '?search=CAR&limit=1'],
  '/api/v1/services/{namespace}/{service}': ['/api/v1/services/shop/cart', '/api/v1/services/bank/pay'],
  '/api/v1/services/{namespace}/{service}/dependencies': ['/api/v1/services/shop/web/dependencies?transitive=true'],
  '/api/v1/services/{namespace}/{service}/dependents': ['/api/v1/services/bank/pay/dependents'],
  '/api/v1/targets': ['', '?service=cart'],
  '/api/services': [''], '/api/dependencies': ['', '?endTs=1767268860000&lookback=604800000'],
  '/api/v2/services': [''], '/api/v2/dependencies': ['?endTs=1767268860000'],
  '/api/v1/grafana/nodes': [''], '/api/v1/grafana/edges': ['?namespace=shop'],
  '/api/graph/fields': [''], '/api/graph/data': [''], '/api/health': [''],
  '/metrics': [''], '/docs/metrics': [''], '/-/healthy': [''], '/-/ready': [''], '/api': [''], '/api/openapi.json': [''], '/': [''],
}

describe('the OpenAPI document', () => {
  it('is one, by an independent validator', async () => {
    const { url } = await serveShop()
    expect(await new Validator().validate(await jsonAt(`${url}/api/openapi.json`))).toEqual({ valid: true })
  })

  it('has every path that is served, each operation by a name of its own', async () => {
    const { url } = await serveShop()
    const { paths } = await jsonAt<Document>(`${url}/api/openapi.json`)
    const { endpoints } = await jsonAt<{ endpoints: { path: string }[] }>(`${url}/api`)
    expect(Object.keys(paths)).toEqual(endpoints.map(({ path }) => path))
    expect(new Set(Object.values(paths).map(({ get }) => get.operationId)).size).toBe(Object.keys(paths).length)
    expect(Object.keys(questions).toSorted()).toEqual(Object.keys(paths).toSorted())
  })

  it.each(operations.map(({ path }) => path))('describes what %s answers', async path => {
    const { url } = await serveShop()
    const document = await jsonAt<Document>(`${url}/api/openapi.json`)
    for (const asked of questions[path] ?? []) {
      const answer = await fetch(url + (asked.startsWith('/') ? asked : path + asked))
      const type = answer.headers.get('content-type')?.split(';')[0] ?? ''
      const described = document.paths[path]?.get.responses[200].content[type]
      expect([asked, answer.status, described !== undefined]).toEqual([asked, 200, true])
      if (type !== 'application/json') continue
      expect([asked, faultsIn(await answer.json(), described?.schema ?? {}, document)]).toEqual([asked, null])
    }
  })

  it('describes problems', async () => {
    const { url } = await serveShop()
    const document = await jsonAt<Document>(`${url}/api/openapi.json`)
    const problem = await jsonAt(`${url}/api/v1/graph?depths=2`)
    expect(faultsIn(problem, { $ref: '#/components/schemas/Problem' }, document)).toBeNull()
    expect(faultsIn({ ...problem, code: 'other' }, { $ref: '#/components/schemas/Problem' }, document)).not.toBeNull()
  })
})

/** Null: it is as the schema says, and has no property that the schema does not name. */
function faultsIn(value: unknown, schema: object, { components }: Document): string | null {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  const validate = ajv.compile({ ...strictly(schema) as object, components: strictly(components) })
  return validate(value) ? null : ajv.errorsText(validate.errors)
}

function strictly(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strictly)
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strictly(value)]))
  return inner['type'] === 'object' && 'properties' in inner && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner
}
