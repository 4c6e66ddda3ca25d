import type { Request } from 'express'
import type { Parameter } from './openapi/parameters.ts'
import { Problem } from './problem.ts'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const AGO = /^(\d{1,9})(ms|s|m|h|d)$/
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/

/**
 * A request's query, held against the parameters that its path has in the OpenAPI document. Throws a problem that says what is allowed for
 * one that is unknown, given twice, or of no such value. One that is given empty is not given, as forms and dashboards send it.
 */
export class Query {
  readonly #values = new Map<string, string>()

  constructor({ query }: Pick<Request, 'query'>, parameters: readonly Parameter[]) {
    const known = new Map(parameters.filter(({ in: place }) => place === 'query').map(parameter => [parameter.name, parameter]))
    for (const [name, value] of Object.entries(query)) {
      const parameter = known.get(name)
      if (parameter === undefined) throw new Problem('unknown_parameter', `There is no parameter ${name} here; ${listText([...known.keys()])}.`)
      if (typeof value !== 'string') throw new Problem('bad_parameter', `${name} is given more than once; give it once.`)
      if (value === '') continue
      const fault = faultOf(value, parameter)
      if (fault !== null) throw new Problem('bad_parameter', `${name} must be ${fault}.`)
      this.#values.set(name, value)
    }
    for (const { name, required } of known.values()) {
      if (required === true && !this.#values.has(name)) throw new Problem('bad_parameter', `${name} must be given.`)
    }
  }

  text(name: string): string | undefined {
    return this.#values.get(name)
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name)
    return value === undefined ? undefined : Number(value)
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#values.get(name)
    return value === undefined ? fallback : value === 'true'
  }

  /** One of some values, which are those that the parameter's schema lists. */
  choice<V extends string>(name: string, values: readonly V[]): V | undefined {
    return values.find(value => value === this.#values.get(name))
  }

  /** Milliseconds since the epoch, of a time or of how long before `now`. */
  moment(name: string, now: number): number | undefined {
    const value = this.#values.get(name)
    return value === undefined ? undefined : momentOf(value, now)
  }
}

/** NaN for what is neither a time nor a duration. A time without a zone is UTC. */
function momentOf(value: string, now: number): number {
  const [, count, unit] = AGO.exec(value) ?? []
  if (count !== undefined && isUnit(unit)) return now - Number(count) * UNITS[unit]
  if (!ISO.test(value)) return Number.NaN
  return Date.parse(/T.*(Z|[+-]\d{2}:\d{2})$/.test(value) || !value.includes('T') ? value : `${value}Z`)
}

function isUnit(text: string | undefined): text is keyof typeof UNITS {
  return text !== undefined && text in UNITS
}

/** What the value must be; null if it is. */
function faultOf(value: string, { schema }: Parameter): string | null {
  const { type, enum: values, minimum, maximum, pattern, examples } = schema as {
    type?: string; enum?: readonly string[]; minimum?: number; maximum?: number; pattern?: string; examples?: readonly string[]
  }
  if (values !== undefined) return values.includes(value) ? null : `one of ${values.join(', ')}`
  if (type === 'integer' || type === 'number') return numberFault(value, { type, minimum, maximum })
  if (pattern !== undefined) return new RegExp(pattern).test(value) ? null : `of the form ${pattern}, such as ${examples?.[0] ?? ''}`
  const isMoment = examples !== undefined && examples.some(example => AGO.test(example))
  if (isMoment && Number.isNaN(momentOf(value, 0))) return `a time in ISO 8601 or how long ago, such as ${examples.join(' or ')}`
  return null
}

interface Bounds {
  type: string
  minimum: number | undefined
  maximum: number | undefined
}

function numberFault(value: string, { type, minimum = -Infinity, maximum = Infinity }: Bounds): string | null {
  const number = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN
  const isRight = number >= minimum && number <= maximum && (type === 'number' || Number.isSafeInteger(number))
  const bounds = [...(minimum > -Infinity ? [`at least ${minimum}`] : []), ...(maximum < Infinity ? [`at most ${maximum}`] : [])]
  return isRight ? null : `${type === 'integer' ? 'a whole number' : 'a number'}${bounds.length > 0 ? ` of ${bounds.join(' and ')}` : ''}`
}

function listText(names: readonly string[]): string {
  return names.length === 0 ? 'it takes none' : `there are: ${names.join(', ')}`
}
