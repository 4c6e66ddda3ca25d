import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { Response } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sendChunks } from '../../src/http/stream.ts'
import { contentTypes, exchange, listening, metricsOf, serving } from './serving.ts'

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0'
/** Chunks that gzip cannot make small, so that bytes of them leave at once. */
const bulky = (count: number) => Array.from({ length: count }, () => `${randomBytes(32_768).toString('hex')}\n`)
const fault = new Error('a cell cannot be read')

/** A page without end, and a promise that resolves once nobody wants more of it. */
function endless(chunks: readonly string[]): { render: () => Generator<string>; left: Promise<void> } {
  let leave: (() => void) | undefined
  const left = new Promise<void>(resolve => { leave = resolve })
  function* render(): Generator<string> {
    try {
      for (;;) yield* chunks
    } finally {
      leave?.()
    }
  }
  return { render, left }
}

async function* chunksOf(chunks: Iterable<string>): AsyncGenerator<string> {
  yield* chunks
}

const PLAIN = { 'accept-encoding': 'identity' }

function* failingAfter(chunks: readonly string[]): Generator<string> {
  yield* chunks
  throw fault
}

describe('/metrics', () => {
  it('asks for the page in the format and scope that the request names', async () => {
    const asked: unknown[] = []
    const { url } = await serving({ metrics: { ...metricsOf(() => []), async *write(page) { asked.push(page); yield 'up 1\n' } } })
    const text = await fetch(`${url}/metrics`, { headers: PLAIN })
    const openMetrics = await fetch(`${url}/metrics?scope=cluster`, { headers: { ...PLAIN, accept: OPENMETRICS } })
    const all = { families: null, namespaces: null, created: false, encoding: 'identity' }
    expect(asked).toEqual([{ format: 'text', scope: 'replica', ...all }, { format: 'openmetrics', scope: 'cluster', ...all }])
    expect([text, openMetrics].map(({ headers }) => headers.get('content-type'))).toEqual([contentTypes.text, contentTypes.openmetrics])
    expect(await text.text()).toBe('up 1\n')
  })

  it('asks for the families by their whole names, the namespaces, and since when, in whatever way they are named', async () => {
    const asked: unknown[] = []
    const { url } = await serving({ metrics: { ...metricsOf(() => []), async *write(page) { asked.push(page); yield '' } } })
    const families = ['discovery_instances', 'discovery_lookups_total']
    const queries = [
      'family[]=lookups_total&family[]=discovery_instances&namespace=shop&namespace=mail&created=1&scope=cluster',
      'scope=cluster&family%5B%5D=lookups&family=instances&family[]=discovery_lookups&namespace[]=mail&namespace[]=shop&namespace=mail&created=1',
    ]
    for (const query of queries) await fetch(`${url}/metrics?${query}`, { headers: PLAIN })
    expect(asked).toEqual(queries.map(() => ({ format: 'text', scope: 'cluster', families, namespaces: ['mail', 'shop'], created: true, encoding: 'identity' })))
  })

  it.each([
    ['family[]=lookups_total&family[]=lookupz', 'unknown_family',
      'There is no family lookupz; there are discovery_lookups_total, discovery_instances, process_cpu_seconds_total.'],
    ['family[]=', 'unknown_family', 'There is no family ; there are'],
    ['families[]=lookups_total', 'unknown_parameter', 'There is no parameter families[]; there are scope, family[], namespace and created.'],
    ['created=yes', 'malformed_request', 'created must be 0 or 1.'],
    ['created=1&created=1', 'malformed_request', 'created must be 0 or 1.'],
  ])('refuses %s', async (query, code, detail) => {
    const { url, errors } = await serving()
    const answer = await fetch(`${url}/metrics?${query}`)
    expect(await answer.json()).toMatchObject({ status: 400, code, detail: expect.stringContaining(detail) as string })
    expect(errors).toEqual([])
  })

  it('refuses a scope that it does not know', async () => {
    const { url, errors } = await serving()
    for (const query of ['scope=all', 'scope=', 'scope=cluster&scope=cluster']) {
      const answer = await fetch(`${url}/metrics?${query}`)
      expect({ query, ...await answer.json() as object }).toMatchObject({ query, status: 400, code: 'unknown_scope' })
    }
    expect(errors).toEqual([])
  })

  it.each(['text/plain', OPENMETRICS])('comes whole, and compressed for whoever asks for that (%s)', async accept => {
    const chunks = bulky(20)
    const { url } = await serving({ metrics: metricsOf(() => chunks) })
    const plain = await exchange(`${url}/metrics`, { accept })
    const zipped = await exchange(`${url}/metrics`, { accept, 'accept-encoding': 'gzip' })
    expect([plain.headers['content-encoding'], zipped.headers['content-encoding']]).toEqual([undefined, 'gzip'])
    expect(plain.body.equals(Buffer.from(chunks.join('')))).toBe(true)
    expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true)
    expect([plain.error, zipped.error]).toEqual([null, null])
  })

  it('answers HEAD as GET, without a body and without rendering the page', async () => {
    const { render, left } = endless(['up 1\n'])
    const { url } = await serving({ metrics: metricsOf(render) })
    const answer = await fetch(`${url}/metrics`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, contentTypes.text, ''])
    await left
  })
})

describe('a scrape that fails', () => {
  it.each(['identity', 'gzip'])('before its first byte is answered with 500 (%s)', async encoding => {
    const { url, errors } = await serving({ metrics: metricsOf(() => failingAfter([])) })
    const headers = { 'accept-encoding': encoding }
    const answers = [await fetch(`${url}/metrics`, { headers }), await fetch(`${url}/metrics`, { headers, method: 'HEAD' })]
    for (const answer of answers) expect([answer.status, answer.headers.get('content-type')]).toEqual([500, 'application/problem+json'])
    expect(await answers[0]?.json()).toMatchObject({ status: 500, code: 'scrape_failed' })
    expect(errors).toEqual([fault, fault])
  })

  it.each(['identity', 'gzip'])('after its first byte is seen to fail by the client (%s)', async encoding => {
    const { url, errors } = await serving({ metrics: metricsOf(() => failingAfter(bulky(10))) })
    const { error } = await exchange(`${url}/metrics`, { 'accept-encoding': encoding })
    expect(error).toMatchObject({ code: 'ECONNRESET' })
    const fetched = fetch(`${url}/metrics`, { headers: { 'accept-encoding': encoding } }).then(answer => answer.text())
    await expect(fetched).rejects.toThrow(TypeError)
    expect(errors).toEqual([fault, fault])
  })

  it('after its first byte is seen to fail even where the end of the connection ends the page (HTTP/1.0)', async () => {
    const { port } = await serving({ metrics: metricsOf(() => failingAfter(bulky(2))) })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /metrics HTTP/1.0\r\n\r\n')
    const ending = new Promise(resolve => { socket.on('error', resolve).on('end', () => resolve('a proper end')) })
    socket.resume()
    expect(await ending).toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('a client', () => {
  it('that comes while too many pages are read is told to come again, and no fault of ours is logged', async () => {
    const tooMany = Object.assign(new Error('16 pages are being read'), { code: 'too_many_pages' })
    const { url, errors } = await serving({ metrics: metricsOf(() => { throw tooMany }) })
    const answer = await fetch(`${url}/metrics`)
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('content-encoding')]).toEqual([503, '5', null])
    expect(await answer.json()).toMatchObject({ code: 'too_many_pages', detail: '16 pages are being read' })
    expect(errors).toEqual([])
  })

  it('that reads nothing is cut off, and its page is let go', async () => {
    const { render, left } = endless(bulky(4))
    const { port } = await listening((_, res) => void sendChunks(res as Response, chunksOf(render()), { onError: () => {}, stallMs: 50 }))
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => { socket.destroy() })
    socket.on('error', () => {}).pause()
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await left).toBe(undefined)
  })

  it('that is never done is cut off, however much it reads', async () => {
    const { render, left } = endless(bulky(4))
    const { port } = await listening((_, res) => void sendChunks(res as Response, chunksOf(render()), { onError: () => {}, longestMs: 50 }))
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => { socket.destroy() })
    const ending = new Promise(resolve => { socket.on('error', resolve).on('end', () => resolve('a proper end')) })
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    socket.resume()
    expect(await ending).toMatchObject({ code: 'ECONNRESET' })
    expect(await left).toBe(undefined)
  })

  it.each(['identity', 'gzip'])('that leaves in the middle of a page ends its rendering, which is no fault (%s)', async encoding => {
    const { render, left } = endless(bulky(4))
    const { url, errors } = await serving({ metrics: metricsOf(render) })
    const asked = request(`${url}/metrics`, { headers: { 'accept-encoding': encoding }, agent: false })
    asked.on('error', () => {}).end()
    const [answer] = await once(asked, 'response')
    await once(answer, 'data')
    asked.destroy()
    await left
    await nextTurn()
    expect(errors).toEqual([])
  })

  it('that reads slowly makes the page wait for it', async () => {
    const chunks = bulky(1)
    const COUNT = 1_000
    let rendered = 0
    function* counted(): Generator<string> {
      for (; rendered < COUNT; rendered++) yield* chunks
    }
    const { url } = await serving({ metrics: metricsOf(counted) })
    const asked = request(`${url}/metrics`, { agent: false })
    asked.end()
    const [answer] = await once(asked, 'response')
    const length = chunks.join('').length
    let [read, furthestAhead] = [0, 0]
    for await (const chunk of answer) {
      read += chunk.length
      furthestAhead = Math.max(furthestAhead, rendered * length - read)
      await nextTurn()
    }
    expect(read).toBe(COUNT * length)
    expect(furthestAhead).toBeLessThan(COUNT * length / 4)
  })
})
