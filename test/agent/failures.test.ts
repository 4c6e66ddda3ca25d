import { describe, expect, it } from 'vitest'
import { endingOf } from '../../src/agent/failures.ts'

const coded = (code: unknown): Error => Object.assign(new Error('failed'), { code })

describe('a failed look-up', () => {
  it.each([
    ['ENOTFOUND', 'NOT_FOUND', 'NXDOMAIN'],
    ['ESERVFAIL', 'INTERNAL', 'SERVFAIL'],
    ['EREFUSED', 'UNAUTHORIZED', 'REFUSED'],
    ['ETIMEOUT', 'TIMEOUT', 'ETIMEOUT'],
    ['ECONNREFUSED', 'CONNECTION', 'ECONNREFUSED'],
    ['ECANCELLED', 'CANCELLED', 'ECANCELLED'],
    ['EAI_AGAIN', 'TIMEOUT', 'EAI_AGAIN'],
    ['EBADRESP', 'OTHER', 'EBADRESP'],
  ])('%s is told as %s with code %s', (code, errorCategory, errorCode) => {
    expect(endingOf(coded(code))).toEqual({ outcome: 'FAILURE', errorCategory, errorCode, instances: -1 })
  })

  it('of getaddrinfo may be no name or no address, and keeps its code', () => {
    const error = Object.assign(coded('ENOTFOUND'), { syscall: 'getaddrinfo' })
    expect(endingOf(error)).toMatchObject({ errorCategory: 'NOT_FOUND', errorCode: 'ENOTFOUND' })
  })

  it('without data is an empty answer', () => {
    expect(endingOf(coded('ENODATA'))).toEqual({ outcome: 'EMPTY', errorCategory: 'NONE', errorCode: '', instances: 0 })
  })

  it.each([
    ['a signal\'s abort', AbortSignal.abort().reason as unknown, 'CANCELLED', 'AbortError'],
    ['an error without a code', new RangeError('x'), 'OTHER', 'RangeError'],
    ['a code that is a number', coded(5), 'OTHER', 'Error'],
    ['a code that is too long', coded('x'.repeat(1_000)), 'OTHER', 'x'.repeat(64)],
    ['no error object', 'failed', 'OTHER', ''],
    ['a property that all objects have', coded('constructor'), 'OTHER', 'constructor'],
  ])('is told within the contract for %s', (...[, error, errorCategory, errorCode]) => {
    expect(endingOf(error)).toEqual({ outcome: 'FAILURE', errorCategory, errorCode, instances: -1 })
  })
})
