import { Command } from 'commander'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dnsAgentOptions, type DnsAgentSettings } from '../../src/commands/agent-dns-options.ts'
import { readDnsAgentOptions } from '../../src/commands/agent-dns.ts'
import { addOptions, ConfigError } from '../../src/config.ts'

function read(...flags: string[]): DnsAgentSettings {
  const command = addOptions(new Command('dns').exitOverride(), dnsAgentOptions)
  command.parse(flags, { from: 'user' })
  return readDnsAgentOptions(command)
}

function faultsOf(...flags: string[]): readonly string[] {
  try {
    read(...flags)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'dns-options-')), 'file')
  writeFileSync(path, text)
  return path
}

describe('the DNS agent’s settings', () => {
  it('need somewhere to listen, and nothing else', () => {
    expect(faultsOf()).toEqual(['there is nowhere to listen: give --dnstap.unix-socket, --dnstap.listen-address, or both'])
    const settings = read('--dnstap.unix-socket=/run/dnstap.sock', '--dnstap.listen-address=:6000')
    expect(settings).toMatchObject({
      'dnstap.unix-socket-mode': 0o660, 'dnstap.listen-address': { host: undefined, port: 6_000 }, 'dns.query-timeout': 5_000,
      'dns.merge-window': 200, 'dns.source': 'dns', 'check-config': false,
    })
    expect(settings['dns.config-file'].patterns).toHaveLength(12)
  })

  it('read rules from YAML, or JSON', () => {
    const yaml = file('patterns:\n  - "{service}.internal"\nclients:\n  - { cidr: 10.0.0.0/8, service: batch }\n')
    const json = file('{"patterns": ["{service}.internal"], "clients": [{"cidr": "10.0.0.0/8", "service": "batch"}]}')
    for (const path of [yaml, json]) {
      const rules = read('--dnstap.listen-address=:6000', `--dns.config-file=${path}`)['dns.config-file']
      expect([rules.patterns.length, rules.searchDomains.length, rules.clients.map(({ value }) => value)])
        .toEqual([1, 3, [{ service: 'batch', namespace: '' }]])
    }
  })

  it('tell all that is wrong at once, within the files too', () => {
    const rules = file('patterns: ["*.internal", 7]\nsearchDomain: []\nclients: [{ cidr: 10.0.0.0/99, service: a }, { service: b, cdir: x }]\n')
    const hosts = file('10.0.0.1\ncart 10.0.0.1\n10.0.0.2 cart # well\n')
    const flags = [`--dns.config-file=${rules}`, `--dns.hosts-file=${hosts}`, '--dnstap.unix-socket-mode=999', '--dns.merge-window=6s', '--typo=1']
    const faults = faultsOf(...flags).join('\n')
    for (const fault of [
      'searchDomain: no such key', 'patterns[0]: has no {service}', 'patterns[1]: is no text', "clients[0]: '10.0.0.0/99' has a prefix",
      'clients[1]: has the key cdir', 'line 1 must be an address and names', 'line 2 must be', 'DNSTAP_UNIX_SOCKET_MODE', '--dns.merge-window',
      '--typo=1: no such option', 'there is nowhere to listen',
    ]) expect(faults).toContain(fault)
    expect(faults).not.toContain('line 3')
  })

  it('refuse what is no YAML', () => {
    expect(faultsOf('--dnstap.listen-address=:6000', `--dns.config-file=${file('patterns: [')}`)).toHaveLength(1)
  })
})
