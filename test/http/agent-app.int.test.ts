import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../broker/ports.ts'
import { createAgentApp } from '../../src/http/agent-app.ts'
import { listen } from '../../src/http/listen.ts'

let url: string
let text: () => Promise<string> = () => Promise.resolve('samples 1\n')
let stop: () => Promise<void>

beforeAll(async () => {
  const port = await freePort()
  const server = await listen(createAgentApp({ contentType: 'text/plain; version=0.0.4', text: () => text() }), { host: '127.0.0.1', port })
  url = `http://127.0.0.1:${port}`
  stop = () => server.close(100)
})

afterAll(() => stop())

describe('an agent answers', () => {
  it('with its metrics, and that it is healthy', async () => {
    const metrics = await fetch(`${url}/metrics?any=thing`)
    expect([metrics.status, metrics.headers.get('content-type'), await metrics.text()]).toEqual([200, 'text/plain; version=0.0.4', 'samples 1\n'])
    const healthy = await fetch(`${url}/-/healthy`)
    expect([healthy.status, await healthy.text()]).toEqual([200, 'healthy\n'])
  })

  it('a question without a body with none', async () => {
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it('what it cannot', async () => {
    const statuses = [await fetch(`${url}/`), await fetch(`${url}/metrics`, { method: 'POST' })].map(({ status }) => status)
    text = () => Promise.reject(new Error('secret'))
    const failed = await fetch(`${url}/metrics`)
    expect([...statuses, failed.status]).toEqual([404, 405, 500])
    expect(await failed.text()).not.toContain('secret')
  })
})
