import { problemStatuses } from '../problem.ts'
import { cardinalitySchemas, changeSchemas, graphSchemas, object, ref, serviceSchemas } from './schemas.ts'
import { compatSchemas } from './compat-schemas.ts'
import type { Parameter } from './parameters.ts'

/** What an operation answers when all is well: the schema of each content type. */
export type Answer = Readonly<Record<string, Record<string, unknown>>>

/** What the document says of one path, which is only ever asked with GET. */
export interface Operation {
  path: string
  description: string
  parameters: readonly Parameter[]
  answer: Answer
}

const text = { type: 'string' }

const problemSchema = {
  ...object({
    type: { const: 'about:blank' }, title: text, status: { type: 'integer' }, detail: text, code: { enum: Object.keys(problemStatuses) },
  }),
  description: 'RFC 9457. The code tells problems apart; the detail says what happened, to what, and what to do.',
}

/** The API as OpenAPI 3.1 describes it, made of the one list that the routes come from. */
export function openApiDocument(version: string, operations: readonly Operation[]): Record<string, unknown> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'discovery-metrics', version,
      description: 'How the service discovery of a cluster is doing. Times are ISO 8601, rates and quantiles are over five minutes; an ' +
        'edge is idle after fifteen minutes without a look-up. Parameters that are not listed are refused.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [],
    paths: Object.fromEntries(operations.map(operation => [operation.path, { get: describe(operation) }])),
    components: { schemas: { Problem: problemSchema, ...graphSchemas, ...changeSchemas, ...serviceSchemas, ...cardinalitySchemas, ...compatSchemas } },
  }
}

function describe({ path, description, parameters, answer }: Operation): Record<string, unknown> {
  const content = Object.fromEntries(Object.entries(answer).map(([type, schema]) => [type, { schema }]))
  return {
    operationId: operationId(path), summary: description, parameters,
    responses: {
      200: { description: 'As asked for.', content },
      default: { description: 'A problem.', content: { 'application/problem+json': { schema: ref('Problem') } } },
    },
  }
}

/** `/api/v1/graph/cycles` → `getApiV1GraphCycles`; of `/`, `getIndex`. */
function operationId(path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter(word => word !== '')
  return `get${words.map(word => word.slice(0, 1).toUpperCase() + word.slice(1)).join('') || 'Index'}`
}

/** Answers of one content type. */
export const json = (name: string): Answer => ({ 'application/json': ref(name) })
export const jsonOf = (schema: Record<string, unknown>): Answer => ({ 'application/json': schema })
export const anyText = (...types: readonly string[]): Answer => Object.fromEntries(types.map(type => [type, text]))
