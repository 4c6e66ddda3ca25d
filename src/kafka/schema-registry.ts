import { setTimeout as delay } from 'node:timers/promises'
import type { Schema } from 'avsc'
import type { SchemaSource } from '../aggregator/tenure-parts.ts'
import { text, type OptionSpec, type OptionValues, type Rule } from '../config.ts'
import { AskingBudget } from './asking-budget.ts'
import { within } from './bounded.ts'
import { optionalFile } from './named-file.ts'
import { RegistryClient, RegistryError, type RegistryAccess, type RegistryAnswer } from './registry-client.ts'

export const schemaRegistryOptions = {
  'schema-registry.url': {
    help: 'Confluent schema registry, for messages in its framing', placeholder: '<url>', fallback: '', parse: optionalUrl,
  },
  'schema-registry.username': { help: 'Name to log in to it with', placeholder: '<name>', fallback: '', parse: text },
  'schema-registry.password-file': { help: 'File that holds the password; read anew for each question', placeholder: '<file>', fallback: '', parse: optionalFile },
  'schema-registry.ca-file': {
    help: 'Certificate authorities of the registry in PEM; otherwise the system’s', placeholder: '<file>', fallback: '', parse: fileText,
  },
  'schema-registry.cert-file': { help: 'Client certificate in PEM', placeholder: '<file>', fallback: '', parse: fileText },
  'schema-registry.key-file': { help: 'Key of the client certificate in PEM', placeholder: '<file>', fallback: '', parse: fileText },
} satisfies Record<string, OptionSpec<unknown>>
type RegistrySettings = OptionValues<typeof schemaRegistryOptions>

/** What the settings must be together. */
export const schemaRegistryRules: readonly Rule<RegistrySettings>[] = [
  {
    flags: ['schema-registry.username', 'schema-registry.password-file'],
    fault: '--schema-registry.username and --schema-registry.password-file go together',
    holds: settings => (settings['schema-registry.username'] === '') === (settings['schema-registry.password-file'] === null),
  },
  {
    flags: ['schema-registry.cert-file', 'schema-registry.key-file'],
    fault: '--schema-registry.cert-file and --schema-registry.key-file go together',
    holds: settings => (settings['schema-registry.cert-file'] === '') === (settings['schema-registry.key-file'] === ''),
  },
  {
    flags: ['schema-registry.url', 'schema-registry.username'], fault: '--schema-registry.username needs --schema-registry.url',
    holds: settings => settings['schema-registry.url'] !== '' || settings['schema-registry.username'] === '',
  },
  ...(['schema-registry.ca-file', 'schema-registry.cert-file'] as const).map((flag): Rule<RegistrySettings> => ({
    flags: ['schema-registry.url', flag], fault: `--${flag} needs a --schema-registry.url that begins with https:`,
    holds: settings => settings['schema-registry.url'].startsWith('https:') || settings[flag] === '',
  })),
]

/** Attempts of one asking, and the pause after the first of them; it doubles. Milliseconds. */
const ATTEMPTS = 3
const PAUSE_MS = 100
/** An id that the registry did not know is asked for again after this: it may have been registered since. */
const UNKNOWN_FOR_MS = 60_000
const MAX_UNKNOWN = 1_000
const MAX_KNOWN = 1_000
/** What an answer costs: with a schema, and without one. */
const [FRUITFUL, FRUITLESS] = [1, 10]

/** No registry: every message in Confluent's framing is set aside. */
export const noSchemaRegistry: SchemaSource = { schemaById: () => null, isSettled: () => true, ensure: async () => {} }

export interface SchemaRegistryOptions {
  patienceMs?: number
  /** Told of each message whose schema is not asked for, since too many were that brought nothing. */
  onNotAsked?: () => void
}

/** The registry that the options name, if they name one. */
export function schemaSource(settings: RegistrySettings, options: SchemaRegistryOptions = {}): SchemaSource {
  if (settings['schema-registry.url'] === '') return noSchemaRegistry
  const access: RegistryAccess = {
    url: settings['schema-registry.url'], username: settings['schema-registry.username'],
    password: () => settings['schema-registry.password-file']?.read() ?? '',
    ca: settings['schema-registry.ca-file'], cert: settings['schema-registry.cert-file'], key: settings['schema-registry.key-file'],
  }
  return new SchemaRegistry(new RegistryClient(access), options)
}

/**
 * Keeps what a schema registry has answered, within bounds. Each schema is asked for once at a time, whoever needs it, up to three times in
 * one asking. `ensure` waits for `patienceMs` only, while the asking goes on: who reads several partitions is not to be held up in all of
 * them by one that needs a schema, and comes back for it.
 *
 * Above a budget for answers it asks no more, and an id that is not known then counts as one that does not exist. Only answers cost: however
 * long the registry is away, nothing is taken for unknown.
 */
export class SchemaRegistry implements SchemaSource {
  readonly #client: Pick<RegistryClient, 'ask'>
  readonly #patienceMs: number
  readonly #onNotAsked: () => void
  readonly #budget = new AskingBudget()
  readonly #known = new Map<number, Schema>()
  /** When it was told that there is no such schema. */
  readonly #unknown = new Map<number, number>()
  readonly #underWay = new Map<number, Promise<void>>()

  constructor(client: Pick<RegistryClient, 'ask'>, { patienceMs = Infinity, onNotAsked = () => {} }: SchemaRegistryOptions = {}) {
    this.#client = client
    this.#patienceMs = patienceMs
    this.#onNotAsked = onNotAsked
  }

  readonly schemaById = (id: number): Schema | undefined => {
    const schema = this.#known.get(id)
    if (schema === undefined && !this.#isUnknown(id)) this.#onNotAsked()
    return schema
  }

  readonly isSettled = (id: number): boolean => this.#known.has(id) || this.#isUnknown(id) || this.#budget.isSpent(Date.now())

  /** Rejects with a RegistryError as long as the registry does not tell. */
  readonly ensure = async (ids: ReadonlySet<number>): Promise<void> => {
    for (const id of ids) if (!this.isSettled(id)) await this.#patiently(id, this.#asking(id))
  }

  #patiently(id: number, asking: Promise<void>): Promise<void> {
    if (this.#patienceMs === Infinity) return asking
    return within(asking, this.#patienceMs, () => new RegistryError('registry_unreachable', `the schema registry has not told schema ${id} yet`))
  }

  #asking(id: number): Promise<void> {
    const underWay = this.#underWay.get(id)
    if (underWay !== undefined) return underWay
    const asking = this.#ask(id).finally(() => this.#underWay.delete(id))
    asking.catch(() => {}) // nobody may be waiting any more
    this.#underWay.set(id, asking)
    return asking
  }

  async #ask(id: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return this.#note(id, await this.#client.ask(id))
      } catch (error) {
        const mayPass = error instanceof RegistryError && error.code === 'registry_unreachable'
        if (!mayPass || attempt === ATTEMPTS) throw error
      }
      await delay(PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2))
    }
  }

  #note(id: number, answer: RegistryAnswer): void {
    this.#budget.spend(typeof answer === 'string' ? FRUITLESS : FRUITFUL, Date.now())
    if (answer === 'unknown') keep(this.#unknown, id, { value: Date.now(), most: MAX_UNKNOWN })
    else keep(this.#known, id, { value: answer === 'unusable' ? UNUSABLE : parsed(answer.schema), most: MAX_KNOWN })
  }

  #isUnknown(id: number): boolean {
    const since = this.#unknown.get(id)
    return since !== undefined && Date.now() - since < UNKNOWN_FOR_MS
  }
}

/** What the decoder refuses, as it does whatever is no Avro schema. */
const UNUSABLE = 'not Avro, or too large' as Schema

/** The newest entry takes the oldest one's place where there is none left. */
function keep<V>(entries: Map<number, V>, id: number, { value, most }: { value: V; most: number }): void {
  const oldest = entries.keys().next().value
  if (entries.size >= most && oldest !== undefined) entries.delete(oldest)
  entries.delete(id)
  entries.set(id, value)
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
  const url = URL.parse(value)
  if (value !== '' && !/^https?:$/.test(url?.protocol ?? '')) throw new Error('must be an http or https URL')
  if (url !== null && url.username + url.password !== '') throw new Error('must hold no credentials: see --schema-registry.username')
  return text(value)
}

/** What is in a file, as it is at the start; '': none is named. */
function fileText(path: string): string {
  return optionalFile(path)?.read() ?? ''
}
