import { keyOf, type RegisteredRecords } from './registered-records.ts'
import type { Change, ServiceRecord } from './update.ts'

/** What an update does to one instance, or to all that nobody has told us of (`record` undefined). */
export interface Registration {
  operation: 'REGISTER' | 'RENEW' | 'DEREGISTER'
  name: string
  record: ServiceRecord | undefined
}

interface NameChange {
  before: ReadonlyMap<string, ServiceRecord>
  after: Map<string, ServiceRecord>
  /** Told by this update: what was there already is renewed. */
  told: Map<string, ServiceRecord>
  deleted: Map<string, ServiceRecord>
  /** Something was deleted without saying what. */
  isSwept: boolean
}

/**
 * What an update comes to, name by name: it holds as a whole or not at all (RFC 2136, section 3.7), so a record that it deletes and adds
 * again was never away. Changes nothing.
 */
export function registrationsOf(changes: readonly Change[], records: RegisteredRecords): Registration[] {
  const names = new Map<string, NameChange>()
  for (const change of changes) {
    const before = records.of(change.name)
    const state = names.get(change.name)
      ?? { before, after: new Map(before), told: new Map(), deleted: new Map(), isSwept: false }
    names.set(change.name, state)
    apply(state, change)
  }
  return [...names].flatMap(([name, state]) => registrationsAt(name, state))
}

function apply(state: NameChange, change: Change): void {
  const { after, told, deleted } = state
  if (change.do === 'add') {
    after.set(keyOf(change.record), change.record)
    told.set(keyOf(change.record), change.record)
  } else if (change.do === 'delete') {
    after.delete(keyOf(change.record))
    deleted.set(keyOf(change.record), change.record)
  } else {
    state.isSwept = true
    const type = change.do === 'delete-type' ? change.type : null
    for (const [key, record] of after) if (type === null || record.type === type) after.delete(key)
  }
}

function registrationsAt(name: string, { before, after, told, deleted, isSwept }: NameChange): Registration[] {
  const registrations: Registration[] = []
  for (const [key, record] of new Map([...before, ...deleted])) {
    if (!after.has(key)) registrations.push({ operation: 'DEREGISTER', name, record })
  }
  for (const [key, record] of told) {
    if (after.has(key)) registrations.push({ operation: before.has(key) ? 'RENEW' : 'REGISTER', name, record })
  }
  if (isSwept && before.size === 0 && after.size === 0 && registrations.length === 0) {
    registrations.push({ operation: 'DEREGISTER', name, record: undefined })
  }
  return registrations
}
