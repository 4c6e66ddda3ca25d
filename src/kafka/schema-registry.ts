import type { Schema } from 'avsc'
import type { SchemaSource } from '../aggregator/tenure-parts.ts'
import { text, type OptionSpec, type OptionValues } from '../config.ts'

export const schemaRegistryOptions = {
  'schema-registry.url': {
    help: 'Confluent schema registry, for messages in its framing', placeholder: '<url>', fallback: '', parse: optionalUrl,
  },
} satisfies Record<string, OptionSpec<unknown>>

const TIMEOUT_MS = 5_000
/** An id that the registry did not know is asked for again after this: it may have been registered since. */
const UNKNOWN_FOR_MS = 60_000
const MAX_UNKNOWN = 10_000

/** No registry: every message in Confluent's framing is set aside. */
export const noSchemaRegistry: SchemaSource = { schemaById: () => null, isSettled: () => true, ensure: async () => {} }

/** The registry that the options name, if they name one. */
export function schemaSource(options: OptionValues<typeof schemaRegistryOptions>): SchemaSource {
  const url = options['schema-registry.url']
  return url === '' ? noSchemaRegistry : new SchemaRegistry(url)
}

/** A Confluent schema registry (`GET /schemas/ids/{id}`); what it has answered is kept. */
export class SchemaRegistry implements SchemaSource {
  readonly #url: string
  readonly #known = new Map<number, Schema>()
  readonly #unknown = new Map<number, number>()

  constructor(url: string) {
    this.#url = url.replace(/\/$/, '')
  }

  readonly schemaById = (id: number): Schema | undefined => this.#known.get(id)

  readonly isSettled = (id: number): boolean => this.#known.has(id) || this.#isUnknown(id)

  readonly ensure = async (ids: ReadonlySet<number>): Promise<void> => {
    for (const id of ids) if (!this.isSettled(id)) await this.#fetch(id)
  }

  async #fetch(id: number): Promise<void> {
    const answer = await fetch(`${this.#url}/schemas/ids/${id}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (answer.status === 404) return this.#noteUnknown(id)
    if (!answer.ok) throw new Error(`the schema registry answered ${answer.status} for schema ${id}: see its log`)
    const { schema, schemaType } = (await answer.json()) as { schema?: unknown; schemaType?: unknown }
    if (typeof schema !== 'string' || (schemaType !== undefined && schemaType !== 'AVRO')) return this.#noteUnknown(id)
    this.#known.set(id, parsed(schema))
  }

  #isUnknown(id: number): boolean {
    const since = this.#unknown.get(id)
    return since !== undefined && Date.now() - since < UNKNOWN_FOR_MS
  }

  #noteUnknown(id: number): void {
    const oldest = this.#unknown.keys().next().value
    if (this.#unknown.size >= MAX_UNKNOWN && oldest !== undefined) this.#unknown.delete(oldest)
    this.#unknown.set(id, Date.now())
  }
}

/** What is not even JSON is kept as it is: the decoder refuses it, while an error here would be waited out for ever. */
function parsed(schema: string): Schema {
  try {
    return JSON.parse(schema) as Schema
  } catch {
    return schema
  }
}

function optionalUrl(value: string): string {
  if (value !== '' && !/^https?:$/.test(URL.parse(value)?.protocol ?? '')) throw new Error('must be an http or https URL')
  return text(value)
}
