import { describe, expect, it } from 'vitest'
import { setAside } from '../../src/core/fold.ts'
import { visibleCells } from '../../src/views/shard.ts'
import { foldAll, lookup, registration, samplesIn, type Told } from './story.ts'

const leased = (leaseMillis: number) => ({ status: 'PASSING', leaseMillis } as const)
const renew = { operation: 'RENEW' } as const
/** Something else happens: all that it does is to move the time on. */
const at = (appendTime: number) => lookup({}, appendTime)

const live = (...records: Told[]) => samplesIn(foldAll(records), 'instances')
const expired = (...records: Told[]) => samplesIn(foldAll(records), 'lease_expirations_total')
const ended = (state: ReturnType<typeof foldAll>) => samplesIn(state, 'lease_expirations_total')['default cart'] ?? 0
const alive = { 'default cart passing': 1 }
const once = { 'default cart': 1 }

describe('a lease', () => {
  it('runs from the append time, and has not run out at its last millisecond', () => {
    const record = registration({ ...leased(500), occurredAt: 1 }, 1_000)
    expect([live(record, at(1_500)), expired(record, at(1_500))]).toEqual([alive, {}])
    expect([live(record, at(1_501)), expired(record, at(1_501))]).toEqual([{}, once])
  })

  it('runs out by any record of the partition, one that was set aside too', () => {
    const state = foldAll([registration(leased(500))])
    setAside(state, { reason: 'malformed', agentId: '', weight: 1 }, { offset: 1, appendTime: 9_000 })
    expect([samplesIn(state, 'instances'), samplesIn(state, 'lease_expirations_total'), state.next]).toEqual([{}, once, 2])
  })

  it('runs out before the record that shows it is folded: a renewal that came too late brings the instance back', () => {
    const late = [registration(leased(500), 1_000), registration(renew, 2_000)]
    expect([live(...late), expired(...late)]).toEqual([alive, once])
  })

  it('runs out by the stream time, which does not go back', () => {
    const state = foldAll([registration(leased(500), 1_000), at(1_600), at(1_200)])
    expect([state.streamTime, samplesIn(state, 'lease_expirations_total')]).toEqual([1_600, once])
  })

  it('that none was given does not run out', () => {
    expect([live(registration(leased(0)), at(1e12)), expired(registration(leased(0)), at(1e12))]).toEqual([alive, {}])
  })

  it('is renewed for as long as it was granted, where the renewal does not say', () => {
    const renewed = [registration(leased(500), 1_000), registration(renew, 1_400)]
    expect(live(...renewed, at(1_900))).toEqual(alive)
    expect(live(...renewed, at(1_901))).toEqual({})
  })

  it('is renewed for as long as the renewal says, be it longer or shorter', () => {
    const longer = [registration(leased(500), 1_000), registration({ ...renew, leaseMillis: 5_000 }, 1_400)]
    expect([live(...longer, at(6_400)), live(...longer, at(6_401))]).toEqual([alive, {}])
    const shorter = [registration(leased(5_000), 1_000), registration({ ...renew, leaseMillis: 100 }, 1_400)]
    expect([live(...shorter, at(1_500)), live(...shorter, at(1_501))]).toEqual([alive, {}])
  })

  it('that a change of status says nothing of goes on as it is', () => {
    const changed = [registration(leased(500), 1_000), registration({ operation: 'STATUS_CHANGE', status: 'WARNING' }, 1_400)]
    expect([live(...changed, at(1_500)), live(...changed, at(1_501))]).toEqual([{ 'default cart warning': 1 }, {}])
  })

  it('starts anew when a change of status brings back an instance whose lease ran out: it must not live for ever', () => {
    const back = [registration(leased(500), 1_000), at(1_600), registration({ operation: 'STATUS_CHANGE', status: 'PASSING' }, 2_000)]
    expect([live(...back, at(2_500)), live(...back, at(2_501))]).toEqual([alive, {}])
    expect(expired(...back, at(2_501))).toEqual({ 'default cart': 2 })
  })

  it.each(['REGISTER', 'OBSERVE'] as const)('is given up by a %s without one', operation => {
    expect(live(registration(leased(500), 1_000), registration({ operation }, 1_400), at(1e12))).toEqual(alive)
  })

  it('of a failed renewal is not renewed', () => {
    expect(live(registration(leased(500), 1_000), registration({ ...renew, outcome: 'FAILURE' }, 1_400), at(1_501))).toEqual({})
  })

  it('of an instance that was deregistered does not run out', () => {
    const gone = [registration(leased(500), 1_000), registration({ operation: 'DEREGISTER' }, 1_100)]
    expect(expired(...gone, at(9_000))).toEqual({})
  })

  it('takes its instance out of its version, too', () => {
    const state = foldAll([registration({ ...leased(500), version: '1' }, 1_000), at(9_000)])
    expect(samplesIn(state, 'version_instances')).toEqual({})
  })

  it('runs out for each instance by itself', () => {
    const both = [registration(leased(500), 1_000), registration({ ...leased(900), instance: 'b' }, 1_000)]
    expect([live(...both, at(1_700)), expired(...both, at(1_700))]).toEqual([alive, once])
    expect([live(...both, at(2_000)), expired(...both, at(2_000))]).toEqual([{}, { 'default cart': 2 }])
  })
})

describe('an EXPIRE', () => {
  it('of a live instance is an expiration', () => {
    const state = foldAll([registration(leased(500)), registration({ operation: 'EXPIRE' })])
    expect([samplesIn(state, 'instances'), samplesIn(state, 'lease_expirations_total')]).toEqual([{}, once])
  })

  it('of one that has gone is none: it was deregistered, never known, or has expired before', () => {
    const expire = registration({ operation: 'EXPIRE' }, 9_000)
    expect(expired(registration(leased(0)), registration({ operation: 'DEREGISTER' }), expire)).toEqual({})
    expect(expired(expire)).toEqual({})
    expect(expired(registration(leased(0)), expire, expire)).toEqual(once)
  })

  it('after the lease ran out in the fold is not counted a second time', () => {
    expect(expired(registration(leased(500)), at(2_000), registration({ operation: 'EXPIRE' }, 2_100))).toEqual(once)
    expect(expired(registration(leased(500)), registration({ operation: 'EXPIRE' }, 2_100))).toEqual(once)
  })

  it('that failed is none', () => {
    expect(expired(registration(leased(0)), registration({ operation: 'EXPIRE', outcome: 'FAILURE' }))).toEqual({})
  })

  it('is a registration of its own as well', () => {
    const state = foldAll([registration({ operation: 'EXPIRE' })])
    expect(samplesIn(state, 'registrations_total')).toEqual({ 'default cart expire success': 1 })
  })
})

describe('more leases than one record may end', () => {
  const many = Array.from({ length: 600 }, (_, index) => registration({ ...leased(500), instance: String(index) }, 1_000))

  it('end as the time moves on, 256 at each step, so that a checkpoint fits between any two records', () => {
    const state = foldAll(many)
    const counts = [2_000, 2_000, 2_000, 2_001].map(time => ended(foldAll([at(time)], state)))
    expect(counts).toEqual([256, 256, 256, 512])
    expect(ended(foldAll([at(2_002)], state))).toBe(600)
  })

  it('are shown as ended before that, and are ended before anything else happens to them', () => {
    const state = foldAll([...many, at(2_000)])
    const cells = visibleCells({ shard: 'lookups-0', cells: state.cells, time: state.streamTime })
    expect([...cells.registrations.values()].map(({ leaseExpirations }) => leaseExpirations)).toEqual([600])

    const pending = [...state.cells.instance.values()].find(({ live: isLive }) => isLive)?.instance ?? ''
    foldAll([registration({ ...renew, instance: pending }, 2_000)], state)
    expect([ended(state), samplesIn(state, 'instances')]).toEqual([257, { 'default cart passing': 600 - 256 }])
  })
})
