import { z } from 'zod'
import { duration } from '../config.ts'
import { defaultPolicy, type Limits } from '../core/policy.ts'
import { ruleSchema } from './rule-schema.ts'

const MINUTE_MS = 60_000
/** What a cluster of replicas can hold at most, far from it. */
const MOST_CELLS = 100_000_000
const LONGEST_MS = 36_500 * 24 * 60 * MINUTE_MS
const { levels, retention, budgets } = defaultPolicy

/** Where the built-in rules stand among one's own. */
const builtIn = [z.literal('defaults'), z.strictObject({ default: z.literal(true) })] as const

/** Milliseconds of a duration in the file, no shorter than so many minutes; 0 for ever. */
function stay(leastMinutes: number): z.ZodType<number> {
  const fault = `must be a duration such as '90m', '24h' or '30d', at least ${leastMinutes}m; 0 or forever: for ever`
  return z.union([z.string(), z.number()], fault).transform((given, context) => {
    const milliseconds = given === 0 || given === '0' || given === 'forever' ? 0 : millisecondsOf(String(given))
    const isRight = milliseconds === 0 || (milliseconds >= leastMinutes * MINUTE_MS && milliseconds <= LONGEST_MS)
    if (!isRight) context.addIssue({ code: 'custom', message: fault })
    return milliseconds
  })
}

/** NaN for what is no duration, and for one of nothing: for ever is written otherwise. */
function millisecondsOf(text: string): number {
  try {
    return duration(text.replaceAll(/(\d+)d/g, (_, days: string) => `${Number(days) * 24}h`)) || Number.NaN
  } catch {
    return Number.NaN
  }
}

/** Edges are idle after 15 minutes, and what goes sooner would come and go. Agents are silent after half a minute. */
const [LEAST, LEAST_FOR_AGENTS] = [20, 5]

/** A number of series' label values; one at least, since what is to be counted nowhere is a level. */
const limit = z.int('must be a whole number').min(1, 'must be 1 or more').max(MOST_CELLS, `must be ${MOST_CELLS} or less`)

function limits({ total, within }: Limits) {
  return z.strictObject({ total: limit.default(total), within: limit.default(within) }).prefault({})
}

/** The policy file; what it leaves out is `undefined`, and has its default. */
export const policySchema = z.strictObject({
  rules: z.array(z.union([...builtIn, ruleSchema], "must be a rule ({ field, match, action }) or the word 'defaults'")).optional(),
  levels: z.strictObject({
    edge: z.boolean().default(levels.edge), version: z.boolean().default(levels.version), service: z.boolean().default(levels.service),
  }).prefault({}),
  retention: z.strictObject({
    instance: stay(LEAST).default(retention.instance), edge: stay(LEAST).default(retention.edge),
    version: stay(LEAST).default(retention.version), agent: stay(LEAST_FOR_AGENTS).default(retention.agent),
    service: stay(LEAST).default(retention.service),
  }).prefault({}),
  budgets: z.strictObject({
    service: limits(budgets.service), edge: limits(budgets.edge), version: limits(budgets.version), error: limits(budgets.error),
    instance: limits(budgets.instance), agent: z.strictObject({ total: limit.default(budgets.agent.total) }).prefault({}),
  }).prefault({}),
})
export type PolicyFile = z.infer<typeof policySchema>
