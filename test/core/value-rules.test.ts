import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_STRING_BYTES } from '../../src/contract/bounds.ts'
import { defaultRules } from '../../src/core/default-rules.ts'
import { ALL, DROPPED, OVERFLOW, ruleActions, ruleFields, ValueRules, type ValueRule } from '../../src/core/value-rules.ts'

const client = ['client'] as const
const replace = (match: string, replacement = '$1'): ValueRule => ({ fields: client, match, action: 'replace', replacement })
const act = (action: 'keep' | 'drop' | 'lowercase', match: string): ValueRule => ({ fields: client, match, action })
const fingerprint = (...rules: ValueRule[]): string => new ValueRules(rules).fingerprint
const made = (rules: readonly ValueRule[], value: string): string => new ValueRules(rules).apply('client', value)

describe('value rules', () => {
  it('are tried in order, each on what those before made of the value', () => {
    expect(made([act('lowercase', '.*'), replace('(.+)-canary'), replace('cart', 'basket')], 'Cart-CANARY')).toBe('basket')
  })

  it('leave a value that matches only in part', () => {
    expect(made([replace('a|(b)', 'x')], 'ab')).toBe('ab')
  })

  it('ask no later rule about a value that is kept, as it is by then', () => {
    expect(made([act('lowercase', '.*'), act('keep', 'cart'), act('drop', '.*')], 'CART')).toBe('cart')
  })

  it('count what is dropped, and what nothing is left of, in one series', () => {
    expect(made([act('drop', 'tmp-.*'), replace('.*', 'x')], 'tmp-1')).toBe(DROPPED)
    expect(made([replace('.*', '')], 'cart')).toBe(DROPPED)
  })

  it('read groups by number and by name, and two dollars as one', () => {
    expect(made([replace('(?<name>.+)-(.+)', '$2/$<name>/$$')], 'cart-eu')).toBe('eu/cart/$')
  })

  it('have a dot for every character, and both halves of one', () => {
    expect(made([replace('(.)(.)', '$2$1')], '\n💳')).toBe('💳\n')
  })

  it('touch only the fields that they are for', () => {
    const rules = new ValueRules([{ fields: ['namespace', 'zone'], match: '.*', action: 'drop' }])
    expect(ruleFields.map(field => rules.apply(field, 'x'))).toEqual([DROPPED, 'x', 'x', 'x', DROPPED])
    expect(ruleFields.map(field => rules.isEmptyFor(field))).toEqual([false, true, true, true, false])
  })

  it.each(['', DROPPED, OVERFLOW, ALL])('leave %j as it is', value => {
    expect(made([act('drop', '.*')], value)).toBe(value)
  })

  it('cut what grows too long between two characters, however often it doubles', () => {
    const doubled = made(Array.from({ length: 64 }, () => replace('(.*)', '$1$1')), 'a💳')
    expect(doubled).toBe(`${'a💳'.repeat(51)}a`)
    expect(Buffer.byteLength(doubled)).toBe(MAX_STRING_BYTES)
  })

  it('have one fingerprint where they are the same, and another where one differs', () => {
    const [a, b] = [replace('a'), act('keep', 'b')]
    expect(fingerprint(a, b)).toBe(fingerprint(structuredClone(a), structuredClone(b)))
    expect(new Set([fingerprint(), fingerprint(a, b), fingerprint(b, a), fingerprint(replace('a', '$2')), fingerprint(a)]).size).toBe(5)
  })

  it('keep the contract for any rules and any value, and make the same of it every time', () => {
    const match = fc.constantFrom('.*', '(.+)-x', '(.)(.*)', '[^a]*', 'a.*', '(?:)')
    const rule = fc.tuple(match, fc.constantFrom(...ruleActions), fc.constantFrom('', '$1', '$1$1', '💳$&', '$<n>'))
      .map(([text, action, replacement]) => action === 'replace' ? replace(text, replacement) : act(action, text))
    fc.assert(fc.property(fc.array(rule, { maxLength: 6 }), fc.string({ unit: 'grapheme', maxLength: 60 }), (list, value) => {
      fc.pre(Buffer.byteLength(value) <= MAX_STRING_BYTES)
      const rules = new ValueRules(list)
      const once = rules.apply('client', value)
      expect(rules.apply('client', value)).toBe(once)
      expect(Buffer.byteLength(once)).toBeLessThanOrEqual(MAX_STRING_BYTES)
      expect(once === '').toBe(value === '')
      expect(/\p{Surrogate}/u.test(once)).toBe(false)
    }), { numRuns: 500 })
  })
})

describe('what value rules remember', () => {
  it('is right however many names come, and whichever field they are of', () => {
    const rename: ValueRule = { fields: ['client', 'zone'], match: 'a(\\d+)', action: 'replace', replacement: 'b$1' }
    const rules = new ValueRules([rename, act('drop', 'b1')])
    const names = Array.from({ length: 10_000 }, (_, index) => `a${index}`)
    for (const name of [...names, ...names]) {
      expect(rules.apply('client', name)).toBe(name === 'a1' ? DROPPED : name.replace('a', 'b'))
      expect(rules.apply('zone', name)).toBe(name.replace('a', 'b'))
    }
  })
})

describe('the built-in rules', () => {
  it.each([
    ['payments.shop.svc.cluster.local.', 'payments.shop'], ['payments.shop.svc.cluster.local', 'payments.shop'],
    ['payments.shop.svc', 'payments.shop'], ['payments.cluster.local', 'payments'], ['payments.example.com.', 'payments.example.com'],
    ['cart-7d9f8b6c5d-x2x4z', 'cart'], ['order-processor-6799fc88d8-zz9qk', 'order-processor'], ['cart-5c689d88bb', 'cart'],
    ['cart-75675f58', 'cart'],
  ])('make of %s %s', (value, expected) => {
    expect(made(defaultRules, value)).toBe(expected)
    expect(new ValueRules(defaultRules).apply('service', value)).toBe(expected)
  })

  it.each([
    'redis-cache', 'frontend-https', 'order-processor-batch', 'api-v2', 'proxy-http2grpc', 'proxy-http2grpc-https', 'kafka-0',
    'worker-20240524', 'orders-db-bdfcbdfc', 'cart-7d9f8b6', 'cart-7d9f8b6c5d42', 'svc', '.svc', '.', 'mysvc', 'cluster.local.example.com',
    '7d9f8b6c5d-x2x4z', 'x2x4z', 'eu-west-1', 'Cart-7D9F8B6C5D-X2X4Z',
  ])('leave %s', value => {
    expect(made(defaultRules, value)).toBe(value)
  })

  it('take the suffixes off that Kubernetes makes, from any name', () => {
    const safe = 'bcdfghjklmnpqrstvwxz2456789'
    // SafeEncodeString of the decimal digits of 32 bits; one in 500 has less than eight.
    const hash = fc.integer({ min: 10_000_000, max: 2 ** 32 - 1 })
      .map(sum => String(sum).split('').map(digit => safe[digit.charCodeAt(0) % safe.length]).join(''))
    const word = fc.stringMatching(/^[a-z]{1,7}$/)
    const name = fc.array(word, { minLength: 1, maxLength: 4 }).map(words => words.join('-'))
    const suffix = fc.string({ unit: fc.constantFrom(...safe.split('')), minLength: 5, maxLength: 5 })
    fc.assert(fc.property(name, hash, suffix, (base, replicaSet, pod) => {
      expect(made(defaultRules, `${base}-${replicaSet}-${pod}`)).toBe(base)
      expect(made(defaultRules, `${base}-${replicaSet}`)).toBe(/\d/.test(replicaSet) ? base : `${base}-${replicaSet}`)
      expect(made(defaultRules, `${base}.shop.svc.cluster.local.`)).toBe(`${base}.shop`)
    }), { numRuns: 1_000 })
  })

  it('leave any name of words, and all of another field', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}\d?$/), { minLength: 1, maxLength: 5 }).map(each => each.join('-'))
    fc.assert(fc.property(words, name => {
      fc.pre(!/-[4-9b-df]{8,10}(-|$)/.test(name))
      expect(made(defaultRules, name)).toBe(name)
    }), { numRuns: 1_000 })
    expect(new ValueRules(defaultRules).apply('version', 'v1-7d9f8b6c5d')).toBe('v1-7d9f8b6c5d')
  })
})
