import type { AuthenticationProviderArgs, Mechanism } from 'kafkajs'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import type { KafkaConfig } from 'kafkajs'
import { afterAll, describe, expect, it } from 'vitest'
import { addOptions, readOptions } from '../../../src/config.ts'
import { securityOf } from '../../../src/kafka/security.ts'
import { securityOptions, securityRules } from '../../../src/kafka/security-options.ts'

const folder = mkdtempSync(join(tmpdir(), 'discovery-metrics-security-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

function securedBy(...flags: string[]): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const command = addOptions(new Command('any'), securityOptions).exitOverride()
  return securityOf(readOptions(command.parse(flags, { from: 'user' }), securityOptions, securityRules))
}

describe('what kafkajs is given', () => {
  it('is nothing where nothing is asked for', () => {
    expect(securedBy()).toEqual({})
  })

  it('has certificates, keys and authorities as their files are at each connection', () => {
    const names = ['ca', 'cert', 'key']
    const { ssl } = securedBy('--kafka.tls.enabled', '--kafka.tls.server-name=kafka.example', ...names.map(name => `--kafka.tls.${name}-file=${file(name, `${name}\n`)}`))
    const connecting = (): object => ({ host: 'kafka', ...(ssl as object) })
    expect(connecting()).toEqual({ host: 'kafka', ca: 'ca', cert: 'cert', key: 'key', servername: 'kafka.example' })
    for (const name of names) file(name, `new ${name}`)
    expect(connecting()).toEqual({ host: 'kafka', ca: 'new ca', cert: 'new cert', key: 'new key', servername: 'kafka.example' })
  })

  it('has the password and the token as their files are at each authentication', async () => {
    const password = file('password', 'before')
    const { sasl } = securedBy('--kafka.sasl.mechanism=plain', '--kafka.sasl.username=ann', `--kafka.sasl.password-file=${password}`)
    expect({ ...sasl }).toEqual({ mechanism: 'plain', username: 'ann', password: 'before' })
    file('password', 'after\n')
    expect({ ...sasl }).toEqual({ mechanism: 'plain', username: 'ann', password: 'after' })

    const token = file('token', 'first')
    const { sasl: bearer } = securedBy('--kafka.sasl.mechanism=oauthbearer', `--kafka.sasl.token-file=${token}`)
    expect(await told(bearer as Mechanism)).toContain('auth=Bearer first')
    file('token', 'second')
    expect(await told(bearer as Mechanism)).toContain('auth=Bearer second')
  })

  it('says which file cannot be read any more', () => {
    const password = file('gone', 'before')
    const { sasl } = securedBy('--kafka.sasl.mechanism=plain', '--kafka.sasl.username=ann', `--kafka.sasl.password-file=${password}`)
    rmSync(password)
    expect(() => ({ ...sasl })).toThrow(`the password for Kafka cannot be read: ${password} must be a readable file`)
  })
})

/** What a broker is told that takes any token. */
async function told({ authenticationProvider }: Mechanism): Promise<string> {
  let text = ''
  const saslAuthenticate: AuthenticationProviderArgs['saslAuthenticate'] = async ({ request }) => {
    text = (await request.encode()).toString()
  }
  await authenticationProvider({ host: 'kafka', port: 9_092, logger: null as never, saslAuthenticate }).authenticate()
  return text
}
