import { once } from 'node:events'
import { request } from 'node:http'
import type { Response } from 'express'
import { describe, expect, it } from 'vitest'
import { LargeAnswers } from '../../../src/http/map/large-answers.ts'
import { liveMapOf } from '../../views/map-of.ts'
import { lookup, shardOf } from '../../views/shards.ts'
import { listening, serving } from '../serving.ts'
import { jsonAt, NOW } from './endpoints-site.ts'

const EDGES = 10_001
const crowd = () => liveMapOf([shardOf(Array.from({ length: EDGES }, (_, client) => lookup({ client: `c${client}`, service: 'hub' })))], NOW)

/** Asks, and reads nothing of the answer but its head. */
async function holding(url: string) {
  const asked = request(url).end()
  const [answer] = await once(asked, 'response') as [{ statusCode: number }]
  return { status: answer.statusCode, leave: () => asked.destroy() }
}

const paths = [
  '/api/v1/graph', '/api/v1/graph?format=dot', '/api/v1/services/shop/hub/dependents', '/api/v1/grafana/edges', '/api/graph/data',
  '/api/dependencies?lookback=100000000', '/api/v2/dependencies?lookback=100000000',
]

describe('large answers', () => {
  it('are written two at a time; who comes then is told so, and that pages are there', async () => {
    const { url } = await serving({ map: crowd() })
    const held = [await holding(`${url}/api/v1/graph`), await holding(`${url}/api/v1/graph`)]
    expect(held.map(({ status }) => status)).toEqual([200, 200])
    for (const path of paths) {
      const answer = await fetch(url + path)
      expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '10'])
      expect(await answer.json()).toMatchObject({ code: 'too_many_large_answers', detail: expect.stringContaining('pages') as string })
    }
    const { edges } = await jsonAt<{ edges: object[] }>(`${url}/api/v1/graph?limit=10000`)
    expect(edges).toHaveLength(10_000)
    for (const { leave } of held) leave()
    await expect.poll(async () => (await holding(`${url}/api/v1/graph`)).status).toBe(200)
  })

  it('are cut off for a client that reads nothing of them, whose place is free then', async () => {
    const large = new LargeAnswers(200)
    const cut: Promise<unknown>[] = []
    const { url } = await listening((_, res) => {
      large.admit(res as Response, EDGES)
      cut.push(once(res, 'close'))
      res.write(Buffer.alloc(64 * 1_048_576)) // more than sockets hold
    })
    await Promise.all([holding(url), holding(url)])
    await Promise.all(cut)
    expect((await holding(url)).status).toBe(200)
  })
})
