import { eventDefaults, type EventOf } from '../contract/events.ts'
import type { Loose, RecordedKind } from './fields.ts'
import type { Identity } from './options.ts'

/** The whole event: what the host told, else what the agent knows of itself, else the contract's default. Other fields are left out. */
export function completed<K extends RecordedKind>(kind: K, fields: Loose<EventOf[K]>, own: Loose<EventOf[K]>): EventOf[K] {
  const event = { ...eventDefaults[kind] }
  for (const key of Object.keys(event) as (keyof EventOf[K])[]) event[key] = fields[key] ?? own[key] ?? event[key]
  // Hosts measure in fractions; Avro's long takes none.
  event.occurredAt = Math.round(event.occurredAt)
  event.durationMicros = Math.round(event.durationMicros)
  return event
}

/** What an agent knows of an event that the host does not tell, for one of its own service and for one of another's. */
export interface OwnFields<K extends RecordedKind> {
  own: Loose<EventOf[K]>
  /** Nothing of the agent's place: it would say that the other runs where we do. */
  another: Loose<EventOf[K]>
}

export function lookupFields({ service, namespace, instance, zone, source }: Identity): OwnFields<'lookup'> {
  const another = { source, method: 'SDK' } as const
  return { another, own: { ...another, client: service, clientNamespace: namespace, clientInstance: instance, zone } }
}

export function registrationFields(identity: Identity): OwnFields<'registration'> {
  return { another: { source: identity.source }, own: identity }
}
