import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { defaultRules } from '../../src/core/default-rules.ts'
import { defaultPolicy, retentionOf } from '../../src/core/policy.ts'
import { PolicyError } from '../../src/policy/errors.ts'
import { loadPolicy, readPolicy } from '../../src/policy/read-policy.ts'

const example = new URL('../../ops/policy.yaml', import.meta.url)

function faultsIn(text: string): string[] {
  try {
    readPolicy(text)
  } catch (error) {
    if (error instanceof PolicyError) return error.message.split('\n')
    throw error
  }
  return []
}

describe('a policy', () => {
  it.each(['', '# nothing\n', '{}', 'rules:\nlevels:\n'])('is the default where the file says nothing: %j', text => {
    expect(readPolicy(text)).toEqual(defaultPolicy)
  })

  it('is the default as the example writes it out, and without a file', () => {
    expect(readPolicy(readFileSync(example, 'utf8'))).toEqual(defaultPolicy)
    expect(loadPolicy('')).toEqual(defaultPolicy)
  })

  it('has what the file gives, and its defaults for the rest', () => {
    const policy = readPolicy(`
levels: { edge: false }
retention: { edge: forever, version: 0, service: 1d12h, agent: 5m }`)
    expect(policy.levels).toEqual({ edge: false, version: true, service: true })
    expect(policy.retention).toEqual({ instance: 86_400_000, edge: 0, version: 0, service: 129_600_000, agent: 300_000 })
    expect(retentionOf(policy)).toEqual({
      lookups: 129_600_000, lookupError: 129_600_000, registrations: 129_600_000, registrationError: 129_600_000, instance: 86_400_000,
      edge: 0, version: 0, agent: 300_000, sequences: 300_000, accounts: 0, arrivals: 0, cardinality: 0,
    })
  })

  it('has the rules of the file instead of the built-in ones, or around them', () => {
    const own = "{ field: client, match: '(.+)-canary', action: replace }"
    const read = { fields: ['client'], match: '(.+)-canary', action: 'replace', replacement: '$1' }
    expect(readPolicy(`rules: [${own}]`).rules).toEqual([read])
    expect(readPolicy('rules: []').rules).toEqual([])
    expect(readPolicy(`rules: [${own}, defaults]`).rules).toEqual([read, ...defaultRules])
    expect(readPolicy(`rules: [{ default: true }, ${own}]`).rules).toEqual([...defaultRules, read])
    expect(readPolicy('rules: [{ field: [zone, version], action: lowercase }]').rules)
      .toEqual([{ fields: ['zone', 'version'], match: '.*', action: 'lowercase' }])
  })
})

describe('the faults of a policy', () => {
  it('come all at once, each with its line, its place and what to do', () => {
    expect(faultsIn(`rules:
  - field: clent
    match: 'a|*'
    action: replce
    foo: 1
  - { field: client, match: 'a', action: replace }
  - { field: client, action: keep, replacement: x }
  - 5
level: 3
levels: { edge: yes }
retention: { edge: 1m, service: [] }
`)).toEqual([
      "line 2: rules[0].field: must be one of namespace, service, client, version, zone, or a list of them, not 'clent'",
      'line 3: rules[0].match: is no regular expression of JavaScript with the flag u: Invalid regular expression: ' +
        "/a|*/su: Nothing to repeat, not 'a|*'",
      "line 4: rules[0].action: must be one of keep, drop, replace, lowercase, not 'replce'; did you mean replace?",
      'line 5: rules[0].foo: is not known; known here: field, match, action, replacement',
      'line 6: rules[1].replacement: has $1, a group that match does not have; add the group, or give another ' +
        'replacement ($$ is a plain $)',
      "line 7: rules[2].match: is missing; give the regular expression that whole values match, '.*' for all",
      "line 7: rules[2].replacement: is for the action replace only; take it out, not 'x'",
      "line 8: rules[3]: must be a rule ({ field, match, action }) or the word 'defaults', not '5'",
      'line 9: level: is not known; did you mean levels?',
      "line 10: levels.edge: must be true or false, not 'yes'",
      "line 11: retention.edge: must be a duration such as '90m', '24h' or '30d', at least 20m; 0 or forever: for ever, not '1m'",
      "line 11: retention.service: must be a duration such as '90m', '24h' or '30d', at least 20m; 0 or forever: for ever",
    ])
  })

  it.each([
    ['a: [', /^line 1: is not YAML/], ['levels: {}\nlevels: {}', /^line 2: is not YAML.*unique/],
    ['5', /^line 1: must be keys with values/],
    ['---\na: 1\n---\nb: 1', /is not YAML/], ['rules: 5', /^line 1: rules: must be a list, not '5'/],
    ['rules: [~]', /^line 1: rules\[0\]: must be a rule/],
    ['rules: [{ match: a, action: keep }]', /rules\[0\]\.field: must be one of/],
    ["rules: [{ field: client, match: '(.)', action: replace, replacement: '$<n>' }]", /has \$<n>/],
    ['rules: [{ field: client, match: a, action: replace, replacement: "\\ud800" }]', /half of a character/],
    ['retention: { agent: 4m }', /retention\.agent: must be .* at least 5m/], ['__proto__: 1', /__proto__: is not known/],
    ['retention: { edge: 0s }', /retention\.edge/],
  ])('are told of %j', (text, fault) => {
    expect(faultsIn(text).join('\n')).toMatch(fault)
  })

  it('of how the parts of a rule fit come with those of its parts', () => {
    expect(faultsIn('rules: [{ field: zon, match: a, action: replace, foo: 1 }]').map(fault => fault.split(' ')[2])).toEqual([
      'rules[0].field:', 'rules[0].foo:', 'rules[0].replacement:',
    ])
  })

  it('say that a file cannot be read', () => {
    expect(() => loadPolicy('/nowhere/policy.yaml')).toThrow(expect.objectContaining({
      code: 'policy_unreadable', message: expect.stringContaining('/nowhere/policy.yaml') as unknown,
    }))
  })
})
