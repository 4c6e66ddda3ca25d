import { describe, expect, it } from 'vitest'
import type { AuthenticationProviderArgs } from 'kafkajs'
import { oauthLogin } from '../../../src/kafka/oauth-login.ts'

/** What a broker is told that answers so; rejects as the login does. */
async function login(token: () => Promise<string>, answer: string): Promise<string> {
  let told = Buffer.alloc(0)
  const saslAuthenticate: AuthenticationProviderArgs['saslAuthenticate'] = async ({ request, response }) => {
    told = Buffer.from(await request.encode())
    const size = Buffer.alloc(4)
    size.writeInt32BE(answer.length)
    return response?.parse(await response.decode(Buffer.concat([size, Buffer.from(answer)])))
  }
  await oauthLogin(token)({ host: 'kafka', port: 9_092, logger: null as never, saslAuthenticate }).authenticate()
  return told.toString('latin1')
}

describe('a login by token', () => {
  it('tells the token, its length before it', async () => {
    expect(await login(async () => 'abc', '')).toBe('\u0000\u0000\u0000\u0015n,,\u0001auth=Bearer abc\u0001\u0001')
  })

  it('is told what the broker says against it', async () => {
    await expect(login(async () => 'abc', '{"status":"invalid_token"}')).rejects.toThrow('SASL OAUTHBEARER authentication failed: the broker says {"status":"invalid_token"}')
  })

  it('says why there is no token', async () => {
    await expect(login(() => Promise.reject(new Error('its file is gone')), '')).rejects.toThrow('SASL OAUTHBEARER authentication failed: its file is gone')
  })
})
