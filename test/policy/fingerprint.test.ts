import { describe, expect, it } from 'vitest'
import { defaultPolicy } from '../../src/core/policy.ts'
import { fingerprintOf } from '../../src/policy/fingerprint.ts'
import { readPolicy } from '../../src/policy/read-policy.ts'

const of = (text: string) => fingerprintOf(readPolicy(text))

describe('the fingerprint of a policy', () => {
  it('is the same for what does the same, however it is written', () => {
    expect(of('')).toBe(fingerprintOf(defaultPolicy))
    expect(of('rules: [defaults]')).toBe(of(''))
    expect(of('levels: { edge: true }\nretention: { edge: 168h }')).toBe(of(''))
    expect(of('')).toMatch(/^[0-9a-f]{16}$/)
  })

  it('is another one for other rules, another order of them, other levels, another retention, and other budgets', () => {
    const lower = '{ field: zone, action: lowercase }'
    const texts = [
      '', 'rules: []', `rules: [defaults, ${lower}]`, `rules: [${lower}, defaults]`, 'levels: { edge: false }', 'levels: { version: false }',
      'levels: { service: false }', ...['instance', 'edge', 'version', 'agent', 'service'].map(kind => `retention: { ${kind}: 2h }`),
      ...['service', 'edge', 'version', 'error', 'instance'].flatMap(kind => ['total', 'within'].map(limit => `budgets: { ${kind}: { ${limit}: 7 } }`)),
      'budgets: { agent: { total: 7 } }',
    ]
    expect(new Set(texts.map(of)).size).toBe(texts.length)
  })
})
