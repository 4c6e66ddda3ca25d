import { describe, expect, it } from 'vitest'
import { parseSelector, SelectorError } from '../../src/verify/selector.ts'

function read(text: string): [string, Record<string, string>] {
  const { name, labels } = parseSelector(text)
  return [name, Object.fromEntries(labels)]
}

function fault(text: string): string {
  try {
    parseSelector(text)
    return ''
  } catch (error) {
    return error instanceof SelectorError ? error.message : String(error)
  }
}

describe('a selector', () => {
  it.each([
    ['up', ['up', {}]],
    ['up{}', ['up', {}]],
    [' job:up_total { a = "b" , c="d", } ', ['job:up_total', { a: 'b', c: 'd' }]],
    ['up{a="with \\"quotes\\", a \\\\ and a\\nline",b="{,}"}', ['up', { a: 'with "quotes", a \\ and a\nline', b: '{,}' }]],
    ["up{a='it\\'s'}", ['up', { a: "it's" }]],
    ['up{a=`\\n`}', ['up', { a: '\\n' }]],
    ['up{a="\\u00e9\\x41",b="日本"}', ['up', { a: 'éA', b: '日本' }]],
    ['up{a=""}', ['up', { a: '' }]],
  ])('%s', (text, wanted) => {
    expect(read(text)).toEqual(wanted)
  })

  it.each([
    ['', 'at character 1, it must begin with the name of a metric'],
    ['{a="b"}', 'at character 1, it must begin'],
    ['up{a}', 'at character 5, = must come after a'],
    ['up{a=b}', 'at character 6, a value in quotes must come: does the shell take them away?'],
    ['up{a="b"', 'at character 9, , or } must come'],
    ['up{a="b', 'the closing quote is missing'],
    ['up{a="\\q"}', '\\q is no escape'],
    ['up{a=~"b"}', '=~ does not select one series: use ='],
    ['up{a="b"} 5', 'at character 11, nothing may follow'],
    ['up{a="b" c="d"}', ', or } must come'],
  ])('%s is refused', (text, wanted) => {
    expect(fault(text)).toContain(wanted)
  })
})
