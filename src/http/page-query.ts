import type { Request } from 'express'
import { Problem } from './problem.ts'

/** `replica`: what this replica answers for. `cluster`: everything it can see, for people. */
export const scopes = ['replica', 'cluster'] as const
export type Scope = (typeof scopes)[number]

/** What of everything a page is to show. */
export interface PageQuery {
  scope: Scope
  /** Families by their whole names; null: all. */
  families: readonly string[] | null
  /** Namespaces of the services that something is told of; null: all, and what is told of no service. */
  namespaces: readonly string[] | null
  /** With a `_created` sample for each counter and histogram, where the format has them. */
  created: boolean
}

const PREFIX = 'discovery_'
/** By what each is called in the address; lists may have brackets, as `match[]` has in Prometheus' own API. */
const parameters = { scope: ['scope'], families: ['family[]', 'family'], namespaces: ['namespace', 'namespace[]'], created: ['created'] } as const
const known: ReadonlySet<string> = new Set(Object.values(parameters).flat())

/** Reads what a request asks for. `families`: those that there are. Throws a {@link Problem}: a filter with a slip would be a whole page. */
export function pageQuery(query: Request['query'], families: readonly string[]): PageQuery {
  const unknown = Object.keys(query).filter(name => !known.has(name))
  if (unknown.length > 0) {
    throw new Problem('unknown_parameter', `There is no parameter ${unknown.join(', ')}; there are scope, family[], namespace and created.`)
  }
  return {
    scope: scopeOf(query['scope']),
    families: listOf(query, 'families', name => familyOf(name, families)),
    namespaces: listOf(query, 'namespaces', name => name),
    created: createdOf(query['created']),
  }
}

/** In one order and each once, so that who asks for the same gets the same page; null where none is named. */
function listOf(query: Request['query'], parameter: 'families' | 'namespaces', read: (asked: string) => string): string[] | null {
  const names = parameters[parameter].flatMap(name => (query[name] ?? []) as string | string[]).map(read)
  return names.length === 0 ? null : [...new Set(names)].toSorted()
}

/** By its whole name, or without `discovery_`, or as OpenMetrics has it, without `_total`. */
function familyOf(asked: string, families: readonly string[]): string {
  const names = [asked, `${PREFIX}${asked}`].flatMap(name => [name, `${name}_total`])
  const found = names.find(name => families.includes(name))
  if (found === undefined) throw new Problem('unknown_family', `There is no family ${asked}; there are ${families.join(', ')}.`)
  return found
}

function scopeOf(asked: unknown): Scope {
  const scope = asked === undefined ? 'replica' : scopes.find(name => name === asked)
  if (scope === undefined) throw new Problem('unknown_scope', `scope must be one of ${scopes.join(', ')}.`)
  return scope
}

function createdOf(asked: unknown): boolean {
  if (asked !== undefined && asked !== '0' && asked !== '1') throw new Problem('malformed_request', 'created must be 0 or 1.')
  return asked === '1'
}
