import { describe, expect, it } from 'vitest'
import { foldAll, lookup, registration, report, samplesIn, type Told } from './story.ts'

const delays = (...records: Told[]) => samplesIn(foldAll(records), 'event_delay_seconds')

describe('an event\'s delay', () => {
  it('is the time from its occurrence to its append, by kind of agent', () => {
    const records = [
      lookup({ agentId: 'dns/1', occurredAt: 997 }), registration({ agentId: 'dns/2', occurredAt: 1 }),
      report({ agentId: 'sdk/1', occurredAt: 1_000 }),
    ]
    expect(delays(...records)).toEqual({
      'dns_bucket_5000': 1, 'dns_bucket_1000000': 1, 'dns_count': 2, 'dns_sum': 3_000 + 999_000, 'sdk_bucket_100': 1, 'sdk_count': 1,
    })
  })

  it('is observed once for an event, however many look-ups it stands for', () => {
    expect(delays(lookup({ agentId: 'dns/1', occurredAt: 999, weight: 7 }))).toMatchObject({ dns_count: 1 })
  })

  it('is zero, not less, where the agent\'s clock runs ahead', () => {
    expect(delays(lookup({ agentId: 'dns/1', occurredAt: 5_000 }))).toEqual({ dns_bucket_100: 1, dns_count: 1 })
  })

  it('is not known of an event that says not when it occurred', () => {
    expect(delays(lookup({ agentId: 'dns/1', occurredAt: 0 }), lookup({ occurredAt: -1 }))).toEqual({})
  })

  it('is not known where the time is plainly in another unit: it would drown all others', () => {
    const now = 1_700_000_000_000
    expect(delays(lookup({ agentId: 'dns/1', occurredAt: now / 1_000 }, now))).toEqual({})
    expect(delays(lookup({ agentId: 'dns/1', occurredAt: now - 30 * 86_400_000 }, now))).toMatchObject({ dns_count: 1 })
  })

  it('of an agent without a name is that of kind unknown', () => {
    expect(delays(lookup({ agentId: '', occurredAt: 1_000 }))).toMatchObject({ unknown_count: 1 })
  })

  it('is observed of what a watcher saw, and of what failed, too', () => {
    const told = { agentId: 'consul/1', occurredAt: 1_000 } as const
    expect(delays(registration({ ...told, operation: 'OBSERVE' }), registration({ ...told, outcome: 'FAILURE' })))
      .toMatchObject({ consul_count: 2 })
  })
})
