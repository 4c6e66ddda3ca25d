import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/config.ts'
import { readWebConfig } from '../../../src/http/web-config/read.ts'

const HASH = '$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG'
const folder = mkdtempSync(join(tmpdir(), 'discovery-metrics-web-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(text: string): string {
  const path = join(folder, 'web.yml')
  writeFileSync(path, text)
  return path
}

function faultsOf(text: string): readonly string[] {
  try {
    readWebConfig(file(text))
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

describe('a web configuration file', () => {
  it.each(['', '# nothing yet\n', '{}', 'tls_server_config:\n', 'tls_server_config: {min_version: TLS13}'])('asks for nothing where it says nothing: %j', text => {
    const path = file(text)
    expect(readWebConfig(path)).toEqual({ tls: null, http2: true, headers: {}, users: new Map(), rateLimit: null, files: [path] })
  })

  it('has users, headers and a rate limit', () => {
    const path = file(`
basic_auth_users: { prometheus: ${HASH}, "ünal": '${HASH.replace('2y', '2b')}' }
http_server_config: { http2: false, headers: { Strict-Transport-Security: max-age=60, X-Frame-Options: deny, X-XSS-Protection: '' } }
rate_limit: { interval: 100ms, burst: 20 }
`)
    expect(readWebConfig(path)).toEqual({
      tls: null, http2: false, headers: { 'Strict-Transport-Security': 'max-age=60', 'X-Frame-Options': 'deny' },
      users: new Map([['prometheus', HASH], ['ünal', HASH.replace('2y', '2b')]]), rateLimit: { intervalMs: 100, burst: 20 }, files: [path],
    })
  })

  it('has no limit where its interval is nothing', () => {
    expect(readWebConfig(file('rate_limit: { interval: 0, burst: 0 }')).rateLimit).toBe(null)
  })

  it('is told with all its faults at once, and none of its values', () => {
    const faults = faultsOf(`
tls_server_config:
  cert: inline-secret
  cert_file: a.crt
  min_version: TLS10
  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]
  curve_preferences: X25519
  password: hunter2
http_server_config: { http2: maybe, headers: { X-Frame-Options: allow, Server: hunter2 } }
basic_auth_users: { ann: hunter2, 'b:b': ${HASH} }
rate_limit: { interval: often, burst: -1 }
users: {}
`)
    expect(faults).toEqual([
      'tls_server_config.min_version: must be TLS12 or TLS13: what is older is broken (RFC 8996)',
      expect.stringMatching(/^tls_server_config.cipher_suites.0: must be one of TLS_ECDHE_/),
      'tls_server_config.curve_preferences: must be a list',
      'tls_server_config.password: there is no such key',
      'http_server_config.http2: must be true or false',
      'http_server_config.headers.X-Frame-Options: must be one of deny, sameorigin',
      'http_server_config.headers.Server: there is no such key',
      'basic_auth_users.ann: must be hashed by bcrypt, as htpasswd -B does',
      'basic_auth_users.b:b: a name must not be empty, nor have a colon',
      "rate_limit.interval: must be a duration such as '100ms'",
      expect.stringMatching(/^rate_limit.burst: /),
      'users: there is no such key',
    ])
    expect(faults.join('\n')).not.toMatch(/hunter2|inline-secret/)
  })

  it.each([
    ['tls_server_config: { cert_file: a.crt }', ['tls_server_config.key_file: must be given']],
    ['tls_server_config: { key_file: a.key, cert: x, cert_file: y }', ['tls_server_config.cert: must not be given beside cert_file']],
    ['tls_server_config: { cert_file: a, key_file: b, client_ca_file: c }', ['tls_server_config.client_auth_type: must be given beside client_ca_file']],
    ['tls_server_config: { cert_file: a, key_file: b, client_auth_type: RequireAndVerifyClientCert }',
      ['tls_server_config.client_ca_file: must be given: otherwise the clients of every public authority would be let in']],
    ['tls_server_config: { cert_file: a, key_file: b, client_auth_type: RequireAnyClientCert, client_allowed_sans: [x] }',
      ['tls_server_config.client_allowed_sans: needs a client_auth_type that verifies: anybody can write any name into a certificate']],
    ['tls_server_config: { cert_file: a, key_file: b, min_version: TLS13, max_version: TLS12 }', ['tls_server_config.min_version: must not be above max_version']],
    ['tls_server_config: { cert_file: a, key_file: b, cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384] }',
      [expect.stringMatching(/^tls_server_config.cipher_suites: must have .* for HTTP\/2; or set http_server_config.http2 to false$/)]],
    ['rate_limit: { interval: 1s }', ['rate_limit.burst: must be at least 1: otherwise nothing is answered']],
    ['- a', ['the file: must be a list of keys and values']],
    ['basic_auth_users: [a]', ['basic_auth_users: must be names, each with a hash']],
    ['tls_server_config: { cert_file: a.crt, key_file: b.key }', [
      `tls_server_config.cert_file: ${join(folder, 'a.crt')} must be a readable file (ENOENT)`,
      `tls_server_config.key_file: ${join(folder, 'b.key')} must be a readable file (ENOENT)`,
    ]],
    ['tls_server_config: { cert: nonsense, key: nonsense, client_ca: nonsense, client_auth_type: VerifyClientCertIfGiven }', [
      'tls_server_config.cert: must hold a certificate in PEM', 'tls_server_config.key: must hold a private key without a passphrase in PEM',
      'tls_server_config.client_ca: must hold certificates in PEM',
    ]],
  ])('is refused: %s', (text, faults) => {
    expect(faultsOf(text)).toEqual(faults)
  })

  it('that is no YAML is told by line, and not shown', () => {
    expect(faultsOf('basic_auth_users:\n  ann: "hunter2\n')).toEqual(['is no YAML: MISSING_CHAR in line 3'])
    expect(faultsOf('rate_limit: {}\nrate_limit: {}\n')).toEqual(['is no YAML: DUPLICATE_KEY in line 2'])
  })

  it('that is not there is told', () => {
    expect(() => readWebConfig(join(folder, 'absent.yml'))).toThrow('absent.yml must be a readable file (ENOENT)')
  })
})
