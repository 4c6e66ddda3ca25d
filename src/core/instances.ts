import { instanceStatuses, type RegistrationEvent, type RegistrationOperation } from '../contract/events.ts'
import type { InstanceCell, RegistrationsCell } from './cells.ts'
import { keyOf } from './names.ts'
import { edit, keep, mayHold, touch, type ShardState } from './state.ts'

/** Revisions are remembered for this many sources of one instance; more than a registry and its mirrors is a fault of the agents. */
const MAX_SOURCES = 8

/**
 * What a registration that did not fail does to its instance. `time`: its append time.
 * A state not newer than the one held, by its source's revision, changes nothing; one that is just as new only refreshes the lease.
 */
export function changeInstance(state: ShardState, event: RegistrationEvent, time: number): void {
  if (event.operation === 'UNKNOWN') return
  const { namespace, service, instance: name } = event
  const held = state.cells.instance.get(keyOf(namespace, service, name))
  const ends = event.operation === 'DEREGISTER' || event.operation === 'EXPIRE'
  if (held === undefined && ends && event.revision <= 0) return
  const newer = held === undefined ? 'newer' : isNewer(held, event)
  if (newer === 'older') return
  if (!hasRoom(state, event)) return
  const instance = edit(state, 'instance', namespace, service, name)
  instance.firstSeen ||= time
  instance.lastSeen = Math.max(instance.lastSeen, time)
  if (newer === 'same') {
    if (instance.live && !ends) setLease(state, instance, { event, time })
    return
  }
  rememberRevision(instance, event)
  if (ends) endInstance(state, instance, event.operation)
  else refresh(state, instance, { event, time })
}

/** An instance lives in a cell of its own, and its service must have one that it is counted in: what has overflowed has no state. */
function hasRoom(state: ShardState, { namespace, service, instance }: RegistrationEvent): boolean {
  return mayHold(state, 'instance', namespace, service, instance) && mayHold(state, 'registrations', namespace, service)
}

/** Ends an instance: it leaves the live counts. LAPSE: its lease ran out here, and no registry has said so. */
export function endInstance(state: ShardState, instance: InstanceCell, by: RegistrationOperation | 'LAPSE'): void {
  const time = by === 'LAPSE' ? instance.leaseEnds : state.streamTime
  touch(state, instance)
  if (instance.live) {
    countLive(state, instance, { by: -1, time })
    if (by === 'EXPIRE' || by === 'LAPSE') registrationsOf(state, instance).leaseExpirations++
  }
  instance.live = false
  instance.lapsed = by === 'LAPSE'
  instance.leaseEnds = 0
  keep(state, instance, time)
}

export function registrationsOf(state: ShardState, { namespace, service }: { namespace: string; service: string }): RegistrationsCell {
  return edit(state, 'registrations', namespace, service)
}

function refresh(state: ShardState, instance: InstanceCell, { event, time }: { event: RegistrationEvent; time: number }): void {
  if (instance.live) countLive(state, instance, { by: -1, time })
  instance.live = true
  keep(state, instance)
  instance.lapsed = false
  if (event.status !== 'UNKNOWN') instance.status = event.status
  // Without a version, what its version's cell counts stays right once the level is switched on again.
  instance.version = state.naming.levels.version ? event.version || instance.version : ''
  instance.zone = event.zone || instance.zone
  instance.address = event.address || instance.address
  holdVersion(state, instance, time)
  countLive(state, instance, { by: 1, time })
  setLease(state, instance, { event, time })
}

function setLease(state: ShardState, instance: InstanceCell, { event, time }: { event: RegistrationEvent; time: number }): void {
  const { operation, leaseMillis } = event
  if (leaseMillis > 0) instance.leaseMillis = leaseMillis
  else if (operation === 'REGISTER' || operation === 'OBSERVE') instance.leaseMillis = 0
  else if (operation === 'STATUS_CHANGE' && instance.leaseEnds > 0) return // says nothing of a lease that runs
  instance.leaseEnds = instance.leaseMillis > 0 ? time + instance.leaseMillis : 0
  state.deadlines.schedule(instance)
}

/** Every version that is not held, the first too, is a deployment. */
function holdVersion(state: ShardState, instance: InstanceCell, time: number): void {
  const { namespace, service, version } = instance
  if (version === '') return
  if (!mayHold(state, 'version', namespace, service, version)) {
    instance.version = '' // so that it leaves no version that it never came to
    return
  }
  const cell = edit(state, 'version', namespace, service, version)
  if (cell.firstSeen === 0) {
    const registrations = registrationsOf(state, { namespace, service })
    registrations.deployments++
    registrations.lastDeployment = Math.max(registrations.lastDeployment, time)
    cell.firstSeen = time
  }
  cell.lastSeen = Math.max(cell.lastSeen, time)
}

function countLive(state: ShardState, instance: InstanceCell, { by, time }: { by: 1 | -1; time: number }): void {
  const registrations = registrationsOf(state, instance)
  const status = instanceStatuses.indexOf(instance.status)
  registrations.statuses[status] = (registrations.statuses[status] ?? 0) + by
  keep(state, registrations, time)
  const version = state.cells.version.get(keyOf(instance.namespace, instance.service, instance.version))
  if (version === undefined) return
  touch(state, version)
  version.instances += by
  keep(state, version, time)
}

/** Whether a state is older than what is held of the instance, by its source's revision. */
export function isOutdated(held: InstanceCell, event: RegistrationEvent): boolean {
  return isNewer(held, event) === 'older'
}

function isNewer({ revisions, lapsed }: InstanceCell, { source, revision }: RegistrationEvent): 'newer' | 'same' | 'older' {
  const held = revisions.get(source)
  if (revision <= 0 || held === undefined || revision > held) return 'newer'
  if (revision < held) return 'older'
  return lapsed ? 'newer' : 'same' // a watcher that comes back sees the old revision still standing
}

function rememberRevision({ revisions }: InstanceCell, { source, revision }: RegistrationEvent): void {
  if (revision <= 0) return
  revisions.delete(source) // so that the order of the map is the order of use
  revisions.set(source, revision)
  const oldest = revisions.keys().next().value
  if (revisions.size > MAX_SOURCES && oldest !== undefined) revisions.delete(oldest)
}
