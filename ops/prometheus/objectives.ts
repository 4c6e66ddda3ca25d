import { parse } from 'yaml'
import { z } from 'zod'
import { durationBounds } from '../../src/core/histogram.ts'

/** Bounds of the buckets in seconds: what is promised of anything else could not be counted. */
const seconds = durationBounds.map(micros => micros / 1_000_000)
const ratio = z.number().gt(0).lt(1)
const bound = z.number().refine(value => seconds.includes(value), { error: `must be a bound of the histogram: ${seconds.join(', ')}` })
const objective = z.strictObject({ success: ratio, latency: z.strictObject({ ratio, seconds: bound }) })
// A name stands in a matcher of PromQL, between double quotes.
const name = z.string().regex(/^[^"\\\n]+$/)
const row = objective.partial().extend({ namespace: name, service: name.optional() })
const table = z.strictObject({ default: objective, rows: z.array(row) })

/** What is promised of the look-ups of all services, of a namespace's, or of one service's. */
export interface Objective {
  namespace?: string | undefined
  service?: string | undefined
  success?: number | undefined
  latency?: { ratio: number; seconds: number } | undefined
}

/** The rows, one service before whole namespaces before all others: the first that fits and says something counts. */
export function readObjectives(text: string): Objective[] {
  const { default: others, rows } = table.parse(parse(text))
  const keys = rows.map(({ namespace, service = '' }) => `${namespace}/${service}`)
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined) throw new Error(`ops/objectives.yml has two rows for ${twice}: keep one of them`)
  return [...rows.filter(({ service }) => service !== undefined), ...rows.filter(({ service }) => service === undefined), others]
}
