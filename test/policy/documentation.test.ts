import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ruleActions, ruleFields } from '../../src/core/value-rules.ts'
import { readPolicy } from '../../src/policy/read-policy.ts'
import { ruleKeys } from '../../src/policy/rule-schema.ts'
import { policySchema } from '../../src/policy/schema.ts'

const text = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8')
const written = readFileSync(new URL('../../ops/policy.yaml', import.meta.url), 'utf8')
const { levels, retention, budgets } = policySchema.shape

/** Keys by their path. */
const limits = Object.entries(budgets.unwrap().shape).flatMap(([kind, limit]) => Object.keys(limit.unwrap().shape).map(key => `budgets.${kind}.${key}`))
const keys = Object.entries({ levels, retention }).flatMap(([name, section]) => (
  Object.keys(section.unwrap().shape).map(key => `${name}.${key}`)
)).concat(limits)

describe('docs/policy.md', () => {
  it.each([...Object.keys(policySchema.shape).map(key => `## \`${key}\``), ...ruleKeys.map(key => `| \`${key}\` |`)])('has %s', part => {
    expect(text).toContain(part)
  })

  it.each([...ruleFields, ...ruleActions])('names %s', name => {
    expect(text).toContain(`\`${name}\``)
  })

  it.each(keys)('tells the default of %s, as ops/policy.yaml writes it', key => {
    const row = text.split('\n').find(line => line.startsWith(`| \`${key}\` |`)) ?? ''
    const value: unknown = key.split('.').reduce((part: unknown, name) => (part as Record<string, unknown>)[name], parse(written))
    expect(row.split('|').map(cell => cell.trim())).toContain(String(value))
  })

  it('has examples that can be read', () => {
    const examples = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, example = '']) => example)
    expect(examples).toHaveLength(4)
    for (const example of examples) expect(() => readPolicy(example)).not.toThrow()
  })
})
