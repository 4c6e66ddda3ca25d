import { text } from 'node:stream/consumers'
import type { RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import { OAuthTokens } from '../../../src/kafka/oauth-tokens.ts'
import { listening } from '../../http/serving.ts'

const endpoint = { clientId: 'the id', secret: () => 'p&w', scope: '' }

/** A token endpoint that answers so, and what it was asked. */
async function answering(answer: (count: number) => unknown, status = 200): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const app: RequestListener = (req, res) => {
    void text(req).then(body => {
      asked.push(`${req.headers.authorization} ${body}`)
      const said = answer(asked.length)
      return res.writeHead(status).end(typeof said === 'string' ? said : JSON.stringify(said))
    })
  }
  return { ...await listening(app), asked }
}

describe('a token', () => {
  it('is asked for once, by all who need it, until four fifths of its life are over', async () => {
    let now = 0
    const { url, asked } = await answering(count => ({ access_token: `token-${count}`, expires_in: 100 }))
    const tokens = new OAuthTokens({ ...endpoint, url }, () => now)
    expect(await Promise.all([tokens.token(), tokens.token()])).toEqual(['token-1', 'token-1'])
    now = 79_999
    expect(await tokens.token()).toBe('token-1')
    now = 80_000
    expect(await tokens.token()).toBe('token-2')
    expect(asked).toEqual(Array.from({ length: 2 }, () => `Basic ${Buffer.from('the+id:p%26w').toString('base64')} grant_type=client_credentials`))
  })

  it('without a life is asked for each time', async () => {
    const { url } = await answering(count => ({ access_token: `token-${count}` }))
    const tokens = new OAuthTokens({ ...endpoint, url })
    expect([await tokens.token(), await tokens.token()]).toEqual(['token-1', 'token-2'])
  })

  it.each([
    ['it answered 401', { access_token: 'secret' }, 401],
    ['its answer is no JSON', 'secret', 200],
    ['its answer has no access_token', { access_token: 'a\u0001auth=secret' }, 200],
    ['its answer has no access_token', 'null', 200],
    ['its answer is too long', { access_token: 'secret'.repeat(20_000) }, 200],
  ])('that cannot be had is a fault that says so, and nothing of the answer: %s', async (reason, answer, status) => {
    const { url } = await answering(() => answer, status)
    const fault = await new OAuthTokens({ ...endpoint, url }).token().catch((error: unknown) => error)
    expect(fault).toMatchObject({ code: 'unreachable', message: expect.stringContaining(`no token could be had from ${url}: ${reason}`) as string })
    expect(String(fault)).not.toMatch(/secret|p&w/)
  })

  it('is asked for again after a fault', async () => {
    const { url } = await answering(count => (count === 1 ? 'nothing' : { access_token: 'good' }))
    const tokens = new OAuthTokens({ ...endpoint, url })
    await expect(tokens.token()).rejects.toThrow('no JSON')
    expect(await tokens.token()).toBe('good')
  })
})
