import { rejectReasons } from '../contract/bounds.ts'
import { cacheResults, instanceStatuses, lookupOutcomes, registrationOperations, registrationOutcomes } from '../contract/events.ts'
import type { AnyCell } from '../core/cells.ts'
import { dropReasons } from '../core/drop-reasons.ts'

/** A field of a cell (`outcomes.SUCCESS`) that is not what it should be. */
export interface FieldDifference {
  field: string
  is: string
  should: string
}

/** What the places of a list stand for. */
const places: Record<string, readonly string[]> = {
  outcomes: lookupOutcomes, cacheResults, statuses: instanceStatuses, operations: registrationOperations, rejected: rejectReasons,
  dropped: dropReasons.map(({ reason }) => reason),
}
/** They say where a cell stands, not what it holds. */
const outer = new Set(['kind', 'key', 'changed', 'takenAsOf', 'takenBytes', 'detached', 'asOf'])

/** The fields in which two cells of one name differ. What is zero or empty in one and missing in the other does not differ. */
export function differingFields(is: AnyCell, should: AnyCell): FieldDifference[] {
  const [left, right] = [fieldsOf(is), fieldsOf(should)]
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter(field => (left.get(field) ?? '0') !== (right.get(field) ?? '0'))
    .map(field => ({ field, is: left.get(field) ?? '0', should: right.get(field) ?? '0' }))
}

function fieldsOf(cell: AnyCell): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [name, value] of Object.entries(cell)) if (!outer.has(name)) note(fields, name, value)
  return fields
}

function note(fields: Map<string, string>, name: string, value: unknown): void {
  if (value instanceof Map) {
    note(fields, name, Object.fromEntries(value as Map<string, unknown>))
  } else if (Array.isArray(value)) {
    const words = placesOf(name)
    value.forEach((each, index) => note(fields, `${name}.${words[index] ?? index}`, each))
  } else if (typeof value === 'object' && value !== null) {
    for (const [inner, each] of Object.entries(value)) note(fields, `${name}.${inner}`, each)
  } else if (value !== null && value !== '' && value !== 0) {
    fields.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
}

function placesOf(name: string): readonly string[] {
  const last = name.split('.').at(-1) ?? ''
  return name.startsWith('operations.') ? registrationOutcomes : places[last] ?? []
}
