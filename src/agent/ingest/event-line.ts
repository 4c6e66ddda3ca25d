import { eventDefaults } from '../../contract/events.ts'
import type { LookupFields, RecordedKind, RegistrationFields } from '../fields.ts'
import { fieldRules, type FieldRule } from './field-rules.ts'

/** What is wrong with a line. `field`: empty, if it is about the line as a whole. */
export interface LineFault {
  field: string
  expected: string
  /** The beginning of what was there instead. */
  found: string
}

export type ReadEvent = { kind: 'lookup'; fields: LookupFields } | { kind: 'registration'; fields: RegistrationFields }
export type ReadLine = { event: ReadEvent } | { faults: LineFault[] }

/** What an event cannot do without: its schema has a default for each, but an event of nobody's, or one that says nothing, is a mistake. */
const required: Record<RecordedKind, readonly string[]> = {
  lookup: ['service', 'outcome'],
  registration: ['service', 'operation', 'outcome'],
}
const rules: Record<RecordedKind, ReadonlyMap<string, FieldRule>> = {
  lookup: fieldRules('lookup'), registration: fieldRules('registration'),
}

const MAX_FAULTS = 8
const MAX_FOUND = 40
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads one line, `{"kind": "lookup", "service": "cart", …}`: an event within the contract, or all that is wrong with it. Never throws. */
export function readEventLine(bytes: Buffer): ReadLine {
  const told = jsonIn(bytes)
  if ('faults' in told) return told
  const { value } = told
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fault({ field: '', expected: 'a JSON object', found: found(value) })
  const { kind, ...fields } = value as Record<string, unknown>
  if (kind !== 'lookup' && kind !== 'registration') return fault({ field: 'kind', expected: 'lookup or registration', found: found(kind) })
  const faults = faultsOf(kind, fields)
  return faults.length > 0 ? { faults: faults.slice(0, MAX_FAULTS) } : { event: eventOf(kind, fields) }
}

/** A line that is longer than it may be. */
export function tooLong(maxBytes: number): LineFault {
  return { field: '', expected: `a line of ${maxBytes} bytes at most`, found: 'a longer one' }
}

function jsonIn(bytes: Buffer): { value: unknown } | { faults: LineFault[] } {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return fault({ field: '', expected: 'UTF-8', found: 'other bytes' })
  }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return fault({ field: '', expected: 'a JSON object', found: found(text) })
  }
}

function faultsOf(kind: RecordedKind, fields: Readonly<Record<string, unknown>>): LineFault[] {
  const faults: LineFault[] = []
  for (const [field, value] of Object.entries(fields)) {
    const rule = rules[kind].get(field)
    if (rule === undefined) faults.push({ field: shortened(field), expected: `left out: a ${kind} has no such field, or the agent fills it in`, found: found(value) })
    else if (!rule.holds(value)) faults.push({ field, expected: rule.expected, found: found(value) })
  }
  for (const field of required[kind]) {
    if (!Object.hasOwn(fields, field)) faults.push({ field, expected: rules[kind].get(field)?.expected ?? '', found: 'nothing' })
  }
  return faults
}

/** Whole, so that the agent adds nothing of itself: the event is another's. */
function eventOf(kind: RecordedKind, fields: Readonly<Record<string, unknown>>): ReadEvent {
  return { kind, fields: { ...eventDefaults[kind], occurredAt: undefined, source: undefined, ...fields } } as unknown as ReadEvent
}

function fault(one: LineFault): { faults: LineFault[] } {
  return { faults: [one] }
}

function found(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? `'${shortened(value)}'` : JSON.stringify(value)
}

function shortened(text: string): string {
  return text.length > MAX_FOUND ? `${text.slice(0, MAX_FOUND)}…` : text
}
