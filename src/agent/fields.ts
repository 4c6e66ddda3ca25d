import type { EventKind, EventOf, LookupEvent, RegistrationEvent } from '../contract/events.ts'

/** Every field may be absent, or undefined. */
export type Loose<T> = { [K in keyof T]?: T[K] | undefined }
/** What only the agent fills in. */
type Assigned = 'agentId' | 'sequence'

/** A look-up as a host tells it. Absent fields have the contract's defaults, but for those that say who asked. */
export type LookupFields = Loose<Omit<LookupEvent, Assigned | 'service'>> & Pick<LookupEvent, 'service'>
/** A registration as a host tells it. Absent fields have the contract's defaults, but for those that say who registered. */
export type RegistrationFields = Loose<Omit<RegistrationEvent, Assigned | 'operation'>> & Pick<RegistrationEvent, 'operation'>

export type RecordedKind = Exclude<EventKind, 'agent'>

/** A recorded event as it waits to be encoded. `units`: the look-ups or registrations it counts for. */
export type EntryOf<K extends RecordedKind> = { kind: K; fields: Loose<EventOf[K]>; units: number }
export type Entry = { [K in RecordedKind]: EntryOf<K> }[RecordedKind]
