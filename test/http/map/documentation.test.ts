import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { operations } from '../../../src/http/openapi/operations.ts'
import { findingKinds } from '../../../src/views/graph/findings.ts'
import { changeKinds } from '../../../src/views/graph/changes.ts'
import * as parameters from '../../../src/http/openapi/parameters.ts'
import { jsonAt, serveShop } from './endpoints-site.ts'

const text = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8')

interface Example {
  path: string
  /** What the document says is answered; empty: nothing. */
  language: string
  answer: string
}

/** Each `curl` of the document, with the block that follows the last one of a paragraph. */
const examples = [...text.matchAll(/^ {4}curl '?localhost:9464([^\s']+)'?\n(?:\n```(json|dot)\n([\s\S]*?)```)?/gm)].map(
  ([, path = '', language = '', answer = '']): Example => ({ path, language, answer }))

/** What can be compared; nothing, if the document says nothing of the answer. */
function read(answer: string, language: string): unknown {
  if (language === '') return ''
  return language === 'json' ? JSON.parse(answer) : answer
}

describe('docs/api.md', () => {
  it.each(examples)('is right about $path', async ({ path, language, answer }) => {
    const { url } = await serveShop()
    const response = await fetch(url + path)
    expect(response.status).toBe(200)
    expect(read(await response.text(), language)).toEqual(read(answer, language))
  })

  it('shows the way to all of the API', () => {
    const paths = operations.map(({ path }) => path.replace('/{namespace}/{service}', '')).filter(path => path.startsWith('/api'))
    expect(paths.filter(path => !text.includes(path.replace('/api/v1/services/', '')))).toEqual([])
    expect(examples.length).toBeGreaterThan(15)
  })

  it('has every kind of change and finding, as the OpenAPI document has', async () => {
    expect([...changeKinds, ...findingKinds].filter(kind => !text.includes(`\`${kind}\``))).toEqual([])
    expect([parameters.changeKinds, parameters.findingKinds]).toEqual([changeKinds, findingKinds])
    const { url } = await serveShop()
    const { counts } = await jsonAt<{ counts: object }>(`${url}/api/v1/findings`)
    expect(Object.keys(counts)).toEqual([...findingKinds])
  })
})
