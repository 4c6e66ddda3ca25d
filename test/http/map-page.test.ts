import { describe, expect, it } from 'vitest'
import { serving } from './serving.ts'

/** All files that the page and its modules name, and theirs in turn. */
async function filesOf(url: string): Promise<Map<string, Response>> {
  const html = await (await fetch(url)).text()
  const files = new Map<string, Response>()
  const waiting = [...html.matchAll(/(?:href|src)="(\/page\/[^"]+)"|":"(\/page\/[^"]+)"/g)].map(([, a, b]) => new URL(a ?? b ?? '', url))
  for (const file of waiting) {
    if (files.has(file.pathname)) continue
    const answer = await fetch(file)
    files.set(file.pathname, answer)
    const text = await answer.text()
    waiting.push(...[...text.matchAll(/^(?:import|export) .*from '(\.[^']+)'/gm)].map(([, path = '']) => new URL(path, file)))
  }
  return files
}

describe('the page at /', () => {
  it('loads nothing but its own files, says so to the browser, and is never kept', async () => {
    const { url } = await serving()
    const { headers } = await fetch(url)
    const policy = headers.get('content-security-policy')
    expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'sha256-[\w+/=]+'; style-src 'self'; connect-src 'self';/)
    expect(policy).not.toContain('unsafe')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(await (await fetch(url)).text()).not.toMatch(/https?:|style=|onclick=|<style/)
  })

  it('has all that its modules import, for ever under the same path', async () => {
    const { url } = await serving()
    const files = await filesOf(url)
    expect([...files.keys()].map(path => path.split('/').at(-1))).toEqual(expect.arrayContaining(['page.css', 'icon.svg', 'cytoscape.js', 'dagre.js']))
    expect(files.size).toBeGreaterThan(20)
    for (const [path, { status, headers }] of files) {
      expect([path, status, headers.get('cache-control')]).toEqual([path, 200, 'public, max-age=31536000, immutable'])
    }
  })

  it('does not give the files of another release under their old path', async () => {
    const { url } = await serving()
    const answer = await fetch(`${url}/page/0123456789abcdef/main.ts`)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([404, 'no-store'])
  })

  it('is not asked by way of other folders', async () => {
    const { url } = await serving()
    const [base = ''] = /\/page\/[0-9a-f]{16}/.exec(await (await fetch(url)).text()) ?? []
    expect((await fetch(`${url}${base}/..%2Fmain.ts`)).status).toBe(404)
    expect((await fetch(`${url}${base}/tsconfig.json`)).status).toBe(404)
  })
})
