import { z } from 'zod'
import { expressionOf, ruleActions, ruleFields, type ValueRule } from '../core/value-rules.ts'

const fieldName = z.enum(ruleFields)
const LONE_SURROGATE = /\p{Surrogate}/u

const pattern = z.string().superRefine((text, context) => {
  try {
    expressionOf(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no regular expression of JavaScript with the flag u: ${(error as Error).message}` })
  }
})

const replacementText = z.string().refine(text => !LONE_SURROGATE.test(text), 'has half of a character; write it whole')

const FIELD_FAULT = `must be one of ${ruleFields.join(', ')}, or a list of them`

const rawRule = {
  field: z.union([fieldName, z.array(fieldName).min(1, 'is empty: name at least one field')], FIELD_FAULT),
  match: pattern.optional(),
  action: z.enum(ruleActions),
  replacement: replacementText.optional(),
}
export const ruleKeys = Object.keys(rawRule)
type RawRule = z.infer<z.ZodObject<typeof rawRule>>

/** Checks run whatever else is wrong with a rule, so that all comes at once: they look at what is there only. */
const always = { when: ({ value }: { value: unknown }): boolean => typeof value === 'object' && value !== null }

/** One rule as the file has it. */
export const ruleSchema = z.strictObject(rawRule)
  .refine(({ match, action }) => action === 'lowercase' || match !== undefined, {
    ...always, path: ['match'], error: "is missing; give the regular expression that whole values match, '.*' for all",
  })
  .refine(({ action, replacement }) => action === 'replace' || replacement === undefined, {
    ...always, path: ['replacement'], error: 'is for the action replace only; take it out',
  })
  .refine(rule => missingGroup(rule) === null, {
    ...always, path: ['replacement'],
    error: issue => `has ${missingGroup(issue.input as RawRule)}, a group that match does not have; add the group, or give another ` +
      'replacement ($$ is a plain $)',
  })
  .transform(compile)

function compile({ field, match = '.*', action, replacement = '$1' }: RawRule): ValueRule {
  const fields = typeof field === 'string' ? [field] : field
  return action === 'replace' ? { fields, match, action, replacement } : { fields, match, action }
}

/** A group that the replacement speaks of and the pattern does not have: it would stand in names as it is written. */
function missingGroup({ match, action, replacement = '$1' }: RawRule): string | null {
  if (action !== 'replace' || typeof match !== 'string' || typeof replacement !== 'string') return null
  const groups = groupsOf(match)
  if (groups === null) return null
  for (const [spoken, number, name] of replacement.matchAll(/\$(?:\$|(\d{1,2})|<([^>]*)>)/g)) {
    if (number !== undefined && !groups.hasNumber(number)) return spoken
    if (name !== undefined && !groups.names.includes(name)) return spoken
  }
  return null
}

function groupsOf(match: string): { hasNumber: (digits: string) => boolean; names: string[] } | null {
  try {
    // An alternative that is empty matches anywhere, and tells of all groups.
    const found = new RegExp(`${expressionOf(match).source}|`, 'u').exec('\0')
    const count = (found?.length ?? 1) - 1
    const exists = (number: number): boolean => number >= 1 && number <= count
    // As JavaScript reads it: $12 is group 1 and a 2 where there is no group 12.
    return { hasNumber: digits => exists(Number(digits)) || exists(Number(digits[0])), names: Object.keys(found?.groups ?? {}) }
  } catch {
    return null // told of `match`
  }
}
