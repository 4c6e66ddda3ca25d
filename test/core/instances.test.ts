import { describe, expect, it } from 'vitest'
import type { RegistrationEvent } from '../../src/contract/events.ts'
import { foldAll, registration, samplesIn, samplesOf, type Told } from './story.ts'

const passing = { status: 'PASSING', version: '1' } as const
const live = (...records: Told[]) => samplesIn(foldAll(records), 'instances')
const versions = (...records: Told[]) => samplesIn(foldAll(records), 'version_instances')
const deployments = (...records: Told[]) => samplesIn(foldAll(records), 'deployments_total')
const last = (...records: Told[]) => samplesIn(foldAll(records), 'last_deployment_timestamp_seconds')

describe('an instance', () => {
  it('is live from its registration on, with the status that it was given', () => {
    expect(live(registration(passing), registration({ ...passing, instance: 'b' }), registration({ instance: 'c', status: 'STARTING' })))
      .toEqual({ 'default cart passing': 2, 'default cart starting': 1 })
  })

  it.each<RegistrationEvent['operation']>(['REGISTER', 'RENEW', 'STATUS_CHANGE', 'OBSERVE'])('is made known by %s, too', operation => {
    expect(live(registration({ ...passing, operation }))).toEqual({ 'default cart passing': 1 })
  })

  it('is one, however often it is registered', () => {
    expect(live(registration(passing), registration(passing), registration({ ...passing, operation: 'RENEW' })))
      .toEqual({ 'default cart passing': 1 })
  })

  it('moves from one status to another', () => {
    expect(live(registration({ status: 'STARTING' }), registration({ status: 'PASSING', operation: 'STATUS_CHANGE' })))
      .toEqual({ 'default cart passing': 1 })
  })

  it('is its own in each service and each namespace', () => {
    expect(live(registration(passing), registration({ ...passing, service: 'pay' }), registration({ ...passing, namespace: 'shop' })))
      .toEqual({ 'default cart passing': 1, 'default pay passing': 1, 'shop cart passing': 1 })
  })

  it.each<RegistrationEvent['operation']>(['DEREGISTER', 'EXPIRE'])('is ended by %s, and once only', operation => {
    const other = registration({ ...passing, instance: 'b' })
    const end = registration({ operation })
    expect(live(other, registration(passing), end, end)).toEqual({ 'default cart passing': 1 })
  })

  it.each<RegistrationEvent['operation']>(['DEREGISTER', 'EXPIRE'])('that was never known leaves nothing behind on %s', operation => {
    const state = foldAll([registration({ operation }), registration({ operation, revision: -1 })])
    expect([samplesIn(state, 'instances'), state.cells.instance.size]).toEqual([{}, 0])
  })

  it('comes back when it registers again', () => {
    expect(live(registration(passing), registration({ operation: 'DEREGISTER' }), registration({ status: 'WARNING' })))
      .toEqual({ 'default cart warning': 1 })
  })

  it.each<RegistrationEvent['operation']>(['REGISTER', 'RENEW', 'STATUS_CHANGE', 'OBSERVE', 'DEREGISTER', 'EXPIRE'])(
    'is not changed by a %s that failed', operation => {
      const failed = registration({ operation, outcome: 'FAILURE', status: 'CRITICAL', version: '2' })
      expect(live(failed)).toEqual({})
      expect(live(registration(passing), failed)).toEqual({ 'default cart passing': 1 })
      expect(versions(registration(passing), failed)).toEqual({ 'default cart 1': 1 })
    })

  it('is not changed by an operation that this reader does not know', () => {
    expect(live(registration(passing), registration({ operation: 'UNKNOWN', status: 'CRITICAL' }))).toEqual({ 'default cart passing': 1 })
    expect(live(registration({ operation: 'UNKNOWN', status: 'CRITICAL' }))).toEqual({})
  })

  it('is changed by an outcome that this reader does not know: only FAILURE changes none', () => {
    expect(live(registration({ ...passing, outcome: 'UNKNOWN' }))).toEqual({ 'default cart passing': 1 })
  })

  it('keeps the status that is held where the event\'s is UNKNOWN', () => {
    expect(live(registration(passing), registration({ operation: 'RENEW', status: 'UNKNOWN' }))).toEqual({ 'default cart passing': 1 })
  })

  it('keeps the version that is held where the event\'s is empty', () => {
    expect(versions(registration(passing), registration({ operation: 'RENEW', version: '' }))).toEqual({ 'default cart 1': 1 })
  })

  it('keeps zone and address where the event has none', () => {
    const state = foldAll([registration({ zone: 'a', address: '10.0.0.1:80' }), registration({ operation: 'RENEW' })])
    expect([...state.cells.instance.values()]).toEqual([expect.objectContaining({ zone: 'a', address: '10.0.0.1:80' })])
  })

  it('has been seen first and last when its first and its latest record were appended, though a broker\'s clock steps back', () => {
    const state = foldAll([5_000, 9_000, 8_000].map(appendTime => registration({ version: '1' }, appendTime)))
    expect([...state.cells.instance.values()]).toEqual([expect.objectContaining({ firstSeen: 5_000, lastSeen: 9_000 })])
    expect([...state.cells.version.values()]).toEqual([expect.objectContaining({ firstSeen: 5_000, lastSeen: 9_000 })])
  })
})

describe('a version', () => {
  it('counts its live instances', () => {
    expect(versions(
      registration({ version: '1' }), registration({ version: '1', instance: 'b' }), registration({ version: '2', instance: 'c' }),
      registration({ operation: 'DEREGISTER', instance: 'b' }),
    )).toEqual({ 'default cart 1': 1, 'default cart 2': 1 })
  })

  it('is left by an instance that goes to another', () => {
    expect(versions(registration({ version: '1' }), registration({ version: '2' }))).toEqual({ 'default cart 2': 1 })
  })

  it('that no live instance has is not shown', () => {
    const shown = Object.keys(samplesOf(foldAll([registration({ version: '1' }), registration({ version: '2' })])))
    expect(shown.filter(name => name.startsWith('discovery_version_instances')))
      .toEqual(['discovery_version_instances{namespace="default",service="cart",version="2"}'])
  })

  it('that is empty is none', () => {
    expect(versions(registration())).toEqual({})
    expect(deployments(registration())).toEqual({})
  })

  it('that is not held is a deployment, the first one too', () => {
    expect(deployments(registration({ version: '1' }))).toEqual({ 'default cart': 1 })
    expect(deployments(registration({ version: '1' }), registration({ version: '2' }))).toEqual({ 'default cart': 2 })
  })

  it('is deployed once, by however many instances, and going back to it is none', () => {
    const there = [registration({ version: '1' }), registration({ version: '1', instance: 'b' }), registration({ version: '2' })]
    expect(deployments(...there, registration({ version: '1' }))).toEqual({ 'default cart': 2 })
  })

  it('is still held when its last instance has gone', () => {
    const gone = [registration({ version: '1' }), registration({ operation: 'DEREGISTER' })]
    expect(deployments(...gone, registration({ version: '1' }))).toEqual({ 'default cart': 1 })
  })

  it('that a watcher observes is a deployment as well, though no registration', () => {
    expect(deployments(registration({ version: '1', operation: 'OBSERVE' }))).toEqual({ 'default cart': 1 })
  })

  it('of a failed registration is none', () => {
    expect(deployments(registration({ version: '1', outcome: 'FAILURE' }))).toEqual({})
  })

  it('is each service\'s own', () => {
    expect(deployments(registration({ version: '1' }), registration({ version: '1', service: 'pay' })))
      .toEqual({ 'default cart': 1, 'default pay': 1 })
  })

  it('dates the last deployment by its append time, in seconds', () => {
    expect(last(registration({ version: '1' }, 1_500), registration({ version: '2' }, 4_250), registration({ version: '1' }, 9_000)))
      .toEqual({ 'default cart': 4.25 })
    expect(last(registration())).toEqual({})
  })
})
