import { describe, expect, it } from 'vitest'
import { foldAll, registration, samplesIn, samplesOf } from './story.ts'

describe('a registration', () => {
  it('is counted by operation and outcome', () => {
    const state = foldAll([
      registration(), registration({ operation: 'RENEW' }), registration({ operation: 'RENEW' }),
      registration({ operation: 'DEREGISTER', outcome: 'FAILURE' }), registration({ operation: 'UNKNOWN', outcome: 'UNKNOWN' }),
    ])
    expect(samplesIn(state, 'registrations_total')).toEqual({
      'default cart register success': 1, 'default cart renew success': 2, 'default cart deregister failure': 1,
      'default cart unknown unknown': 1,
    })
  })

  it('without a namespace is one in the namespace default', () => {
    const state = foldAll([registration(), registration({ namespace: 'default' }), registration({ namespace: 'shop' })])
    expect(samplesIn(state, 'registrations_total')).toEqual({ 'default cart register success': 2, 'shop cart register success': 1 })
  })

  it('that failed is counted among the errors, by operation, category and code', () => {
    const timeout = { outcome: 'FAILURE', errorCategory: 'TIMEOUT', errorCode: 'ETIMEDOUT' } as const
    const state = foldAll([
      registration(timeout), registration(timeout), registration({ ...timeout, operation: 'RENEW' }), registration({ outcome: 'FAILURE' }),
    ])
    expect(samplesIn(state, 'registration_errors_total')).toEqual({
      'default cart register timeout ETIMEDOUT': 2, 'default cart renew timeout ETIMEDOUT': 1, 'default cart register none ': 1,
    })
  })

  it('that did not fail is no error, whatever category it carries', () => {
    const error = { errorCategory: 'OTHER', errorCode: 'x' } as const
    const state = foldAll([registration(error), registration({ ...error, outcome: 'UNKNOWN' })])
    expect(samplesIn(state, 'registration_errors_total')).toEqual({})
  })

  it('keeps the codes of two errors apart, be they as alike as they may', () => {
    const state = foldAll(['a b', 'a', 'A'].map(errorCode => registration({ outcome: 'FAILURE', errorCategory: 'OTHER', errorCode })))
    expect(samplesIn(state, 'registration_errors_total'))
      .toEqual({ 'default cart register other a b': 1, 'default cart register other a': 1, 'default cart register other A': 1 })
  })

  it('has its duration observed, failed or not; one that was not measured has none', () => {
    const state = foldAll([
      registration({ durationMicros: 0 }), registration({ durationMicros: 100 }), registration({ durationMicros: 101 }),
      registration({ durationMicros: 20_000_000, outcome: 'FAILURE' }), registration({ durationMicros: -1 }),
    ])
    expect(samplesIn(state, 'registration_duration_seconds')).toEqual({
      'default cart_bucket_100': 2, 'default cart_bucket_250': 1, 'default cart_bucket_above': 1, 'default cart_count': 4,
      'default cart_sum': 20_000_201,
    })
  })

  it('that a watcher merely observed counts as none: neither its outcome nor its error nor its duration', () => {
    const observed = { operation: 'OBSERVE', durationMicros: 5 } as const
    const state = foldAll([registration(observed), registration({ ...observed, outcome: 'FAILURE', errorCategory: 'TIMEOUT' })])
    expect(samplesIn(state, 'registrations_total')).toEqual({})
    expect(samplesIn(state, 'registration_errors_total')).toEqual({})
    expect(samplesIn(state, 'registration_duration_seconds')).toEqual({})
    expect(samplesIn(state, 'instances')).toEqual({ 'default cart unknown': 1 })
  })

  it('shows every status of its service, the zeros too', () => {
    const samples = Object.entries(samplesOf(foldAll([registration({ status: 'PASSING' })])))
    const instances = samples.filter(([name]) => name.startsWith('discovery_instances{'))
    expect(Object.fromEntries(instances)).toEqual(Object.fromEntries(
      ['unknown', 'starting', 'passing', 'warning', 'critical', 'maintenance', 'draining'].map(status =>
        [`discovery_instances{namespace="default",service="cart",status="${status}"}`, status === 'passing' ? 1 : 0])))
  })
})
