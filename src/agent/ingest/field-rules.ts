import { boundsFault, MAX_STRING_BYTES, MAX_WEIGHT } from '../../contract/bounds.ts'
import { eventDefaults } from '../../contract/events.ts'
import { enumSymbols } from '../../contract/schemas.ts'
import type { RecordedKind } from '../fields.ts'

export interface FieldRule {
  /** What the value must be, for people. */
  expected: string
  holds: (value: unknown) => boolean
}

/** What the agent fills in by itself. */
const assigned: readonly string[] = ['agentId', 'sequence']

/** The rule of each field of an event that may be given, as its schema and the contract's bounds have it. */
export function fieldRules(kind: RecordedKind): ReadonlyMap<string, FieldRule> {
  const symbols = enumSymbols(kind)
  const fields = Object.entries(eventDefaults[kind]).filter(([field]) => !assigned.includes(field))
  return new Map(fields.map(([field, byDefault]): [string, FieldRule] => {
    const choices = symbols.get(field)
    if (choices !== undefined) return [field, oneOf(choices)]
    return [field, { expected: expectedOf(field, typeof byDefault), holds: value => typeof value === typeof byDefault && isBounded(kind, field, value) }]
  }))
}

function oneOf(choices: readonly string[]): FieldRule {
  return { expected: `one of ${choices.join(', ')}`, holds: value => typeof value === 'string' && choices.includes(value) }
}

/** Asks the contract about an event that is well but for this value. */
function isBounded(kind: RecordedKind, field: string, value: unknown): boolean {
  return boundsFault(kind, { ...eventDefaults[kind], service: 'any', [field]: value }) === null
}

function expectedOf(field: string, type: string): string {
  if (field === 'service') return `a name of 1 to ${MAX_STRING_BYTES} bytes`
  if (type === 'string') return `text of ${MAX_STRING_BYTES} bytes at most`
  return field === 'weight' ? `a whole number, 0 to ${MAX_WEIGHT}` : 'a whole number, -1 at the lowest'
}
