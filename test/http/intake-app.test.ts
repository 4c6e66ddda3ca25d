import { once } from 'node:events'
import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createIntakeApp, type IntakeAnswer, type IntakeResult } from '../../src/http/intake-app.ts'
import { listening } from './serving.ts'

const MAX_BODY = 2_048
const all = { accepted: 2, rejected: 0, faults: [] }

interface Posted {
  status: number
  type: string | null
  body: Record<string, unknown>
  headers: Headers
}

async function serving(result: IntakeResult | (() => IntakeResult), maxRequests = 8) {
  const bodies: string[] = []
  const answers: IntakeAnswer[] = []
  const take = (bytes: Buffer): IntakeResult => {
    bodies.push(bytes.toString())
    return typeof result === 'function' ? result() : result
  }
  const { url, port } = await listening(createIntakeApp({ take, count: answer => answers.push(answer), maxBodyBytes: MAX_BODY, maxRequests }))
  const post = async (body: string | Buffer<ArrayBuffer>, init: RequestInit = {}, path = '/v1/events'): Promise<Posted> => {
    const headers = { 'Content-Type': 'application/x-ndjson', ...(init.headers as Record<string, string> | undefined) }
    const response = await fetch(url + path, { method: 'POST', body, ...init, headers })
    return {
      status: response.status, type: response.headers.get('content-type'), body: await response.json() as Record<string, unknown>,
      headers: response.headers,
    }
  }
  return { port, bodies, answers, post }
}

describe('posted lines', () => {
  it('are taken as they are, plain or by gzip', async () => {
    const { post, bodies, answers } = await serving(all)
    const plain = await post('one\ntwo')
    expect([plain.status, plain.type, plain.body]).toEqual([202, 'application/json; charset=utf-8', all])
    expect((await post(gzipSync('three'), { headers: { 'Content-Encoding': 'gzip' } })).status).toBe(202)
    expect((await post('four', { headers: { 'Content-Type': 'application/json; charset=utf-8' } })).status).toBe(202)
    expect([bodies, answers]).toEqual([['one\ntwo', 'three', 'four'], ['accepted', 'accepted', 'accepted']])
  })

  it('of which some are no events are taken but for these, which are told', async () => {
    const faults = [{ line: 2, field: 'outcome', expected: 'one of …', found: "'OK'" }]
    const { post } = await serving({ accepted: 1, rejected: 1, faults })
    expect(await post('…')).toMatchObject({ status: 207, body: { accepted: 1, rejected: 1, faults } })
  })

  it('of which none is an event are a bad request', async () => {
    const { post } = await serving({ accepted: 0, rejected: 1, faults: [{ line: 1 }] })
    expect(await post('…')).toMatchObject({
      status: 400, type: 'application/problem+json',
      body: { type: 'about:blank', title: 'Bad Request', status: 400, code: 'refused', accepted: 0, rejected: 1, faults: [{ line: 1 }] },
    })
  })

  it('for which there is no room are to be sent again', async () => {
    const { post, answers } = await serving('full')
    const full = await post('…')
    expect([full.status, full.body['code'], full.headers.get('retry-after'), answers]).toEqual([503, 'busy', '1', ['busy']])
  })

  it('that are too much are refused unread, also if they grow so only by being unpacked', async () => {
    const { post, bodies } = await serving(all)
    const large = 'x'.repeat(MAX_BODY + 1)
    expect(await post(large)).toMatchObject({ status: 413, body: { code: 'too_large' } })
    expect(await post(gzipSync(large), { headers: { 'Content-Encoding': 'gzip' } })).toMatchObject({ status: 413 })
    expect(bodies).toEqual([])
    expect(await (await serving('too_many_lines')).post('…')).toMatchObject({ status: 413 })
  })

  it('must say that they are JSON, which no page of another site can say unasked', async () => {
    const { post, bodies } = await serving(all)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect(await post('…', { headers: { 'Content-Type': type } })).toMatchObject({ status: 415, body: { code: 'unsupported' } })
    }
    expect(await post('…', { headers: { 'Content-Encoding': 'compress' } })).toMatchObject({ status: 415 })
    expect(await post('no gzip', { headers: { 'Content-Encoding': 'gzip' } })).toMatchObject({ status: 400, body: { code: 'malformed' } })
    expect(bodies).toEqual([])
  })

  it('have one place', async () => {
    const { post, port } = await serving(all)
    expect(await post('…', {}, '/events')).toMatchObject({ status: 404, body: { code: 'unknown_path' } })
    const asked = await fetch(`http://127.0.0.1:${port}/v1/events`)
    expect([asked.status, asked.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('that fail inside tell nothing of it', async () => {
    const { post } = await serving(() => { throw new Error('secret') })
    const failed = await post('…')
    expect([failed.status, JSON.stringify(failed.body).includes('secret')]).toEqual([500, false])
  })
})

describe('requests', () => {
  it('beyond the most at once are to come again, and those under way go on', async () => {
    const { port, post } = await serving(all, 1)
    const slow = request({ port, host: '127.0.0.1', path: '/v1/events', method: 'POST', headers: { 'Content-Type': 'application/json', Expect: '100-continue' } })
    slow.flushHeaders()
    await once(slow, 'continue')
    expect(await post('…')).toMatchObject({ status: 503, body: { code: 'busy' } })
    const answered = once(slow, 'response')
    slow.end('…')
    expect(((await answered) as [{ statusCode: number }])[0].statusCode).toBe(202)
  })
})
