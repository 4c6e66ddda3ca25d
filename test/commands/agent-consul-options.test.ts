import { Command } from 'commander'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { consulAgentOptions, readConsulAgentOptions } from '../../src/commands/agent-consul.ts'
import type { ConsulAgentSettings } from '../../src/commands/agent-consul-options.ts'
import { addOptions } from '../../src/config.ts'

function read(...flags: string[]): ConsulAgentSettings {
  const command = addOptions(new Command('consul').exitOverride(), consulAgentOptions)
  command.parse(flags, { from: 'user' })
  return readConsulAgentOptions(command)
}

describe('the Consul agent’s settings', () => {
  it('need nothing where Consul is beside it', () => {
    expect(read()).toMatchObject({
      'consul.url': 'http://127.0.0.1:8500', 'consul.token-file': null, 'consul.source': '', 'consul.resync-interval': 300_000,
      'consul.max-queries': 128, 'consul.service-limit': 10_000, 'consul.count-changes': false,
    })
  })

  it('take the token from a file, as it is when it is needed', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'consul-options-')), 'token')
    writeFileSync(path, 'first\n')
    const settings = read(`--consul.token-file=${path}`)
    writeFileSync(path, 'second\n')
    expect(settings['consul.token-file']?.read()).toBe('second')
  })

  it('tell all that is wrong at once', () => {
    const flags = ['--consul.url=unix:///run/consul.sock', '--consul.token-file=/nowhere', '--consul.resync-interval=1s', '--typo=1']
    expect(() => read(...flags)).toThrow(/--typo=1: no such[^]*CONSUL_URL\): must be an http[^]*must be a readable file[^]*must be 10s to 1h/)
    expect(() => read('--consul.url=http://user:secret@consul')).toThrow('must hold no credentials')
    expect(() => read('--consul.tls.server-name=server.dc1.consul')).toThrow('--consul.tls.server-name needs a --consul.url that begins with https:')
  })
})
