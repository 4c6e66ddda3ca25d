import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { ConfigError, duration } from '../../config.ts'
import { isTlsEnabled, webConfigFormat, type TlsServerText } from './format.ts'
import { alwaysOn, ciphers, curves, versions, type ClientAuthType } from './go-names.ts'

export interface TlsServer {
  /** Tested: a secure context can be made of it. */
  context: SecureContextOptions
  clientAuth: ClientAuthType
  /** A verified client certificate must have one of these names; null: any will do. */
  allowedSans: readonly string[] | null
}

export interface WebConfig {
  /** Null: plain HTTP. */
  tls: TlsServer | null
  http2: boolean
  headers: Readonly<Record<string, string>>
  /** Bcrypt hashes by name; nobody is asked if there are none. */
  users: ReadonlyMap<string, string>
  /** Null: no limit. */
  rateLimit: { intervalMs: number; burst: number } | null
  /** All that was read, the file itself first. */
  files: readonly string[]
}

/** Reads a web configuration file and all that it names; paths are from its own folder. Throws a ConfigError with all that is wrong. */
export function readWebConfig(path: string): WebConfig {
  const { tls_server_config: tls, http_server_config: http, basic_auth_users: users, rate_limit: limit } = documentOf(path)
  const files = [path]
  const read = (named: string): string => {
    const file = resolve(dirname(path), named)
    files.push(file)
    return textOf(file)
  }
  const intervalMs = duration(limit?.interval ?? '0s')
  return {
    tls: tls && isTlsEnabled(tls) ? tlsServer(tls, read) : null,
    http2: http?.http2 ?? true,
    headers: headersOf(http?.headers ?? {}),
    users: new Map(Object.entries(users ?? {})),
    rateLimit: intervalMs === 0 ? null : { intervalMs, burst: limit?.burst ?? 0 },
    files,
  }
}

/** A header that is blank is not sent. */
function headersOf(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])))
}

function documentOf(path: string): z.infer<typeof webConfigFormat> {
  const lineCounter = new LineCounter()
  // Pretty errors would show the line, and what is secret in it.
  const document = parseDocument(textOf(path), { prettyErrors: false, lineCounter })
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map(({ code, pos: [at] }) => `is no YAML: ${code} in line ${lineCounter.linePos(at).line}`))
  }
  const { success, data, error } = webConfigFormat.safeParse(document.toJS() ?? {})
  if (success) return data
  throw new ConfigError(error.issues.map(faultText))
}

function faultText(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => `${[...path, key].join('.')}: there is no such key`).join('; ')
  return `${path.join('.') || 'the file'}: ${issue.message}`
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code = 'it cannot be read' } = cause as NodeJS.ErrnoException
    throw new ConfigError([`${path} must be a readable file (${code})`])
  }
}

function tlsServer(tls: TlsServerText, read: (path: string) => string): TlsServer {
  const faults: string[] = []
  /** What is inline or in a file, once `check` has nothing against it. */
  const pem = (name: 'cert' | 'key' | 'client_ca', check: (text: string) => unknown, what: string): string => {
    const file = tls[`${name}_file`]
    try {
      const text = file === undefined || file === '' ? tls[name] ?? '' : read(file)
      check(text)
      return text
    } catch (error) {
      const reason = error instanceof ConfigError ? error.message : `must hold ${what} in PEM`
      faults.push(`tls_server_config.${file === undefined || file === '' ? name : `${name}_file`}: ${reason}`)
      return ''
    }
  }
  const cert = pem('cert', text => new X509Certificate(text), 'a certificate')
  const key = pem('key', text => createPrivateKey(text), 'a private key without a passphrase')
  const hasAuthority = Boolean(tls.client_ca) || Boolean(tls.client_ca_file)
  const ca = hasAuthority ? pem('client_ca', text => new X509Certificate(text), 'certificates') : ''
  if (faults.length === 0 && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    faults.push('tls_server_config.key_file: must be the key of the certificate')
  }
  if (faults.length > 0) throw new ConfigError(faults)
  const context = { cert, key, ...(ca === '' ? {} : { ca }), ...protocolOf(tls) }
  tryContext(context)
  return { context, clientAuth: tls.client_auth_type ?? 'NoClientCert', allowedSans: tls.client_allowed_sans ?? null }
}

function tryContext(context: SecureContextOptions): void {
  try {
    createSecureContext(context)
  } catch (cause) {
    const { code = 'no reason is told' } = cause as NodeJS.ErrnoException
    throw new ConfigError([`tls_server_config: OpenSSL does not take it (${code})`])
  }
}

function protocolOf(tls: TlsServerText): SecureContextOptions {
  const suites = tls.cipher_suites.flatMap(name => ciphers[name] ?? [])
  return {
    minVersion: versions[tls.min_version],
    maxVersion: versions[tls.max_version],
    honorCipherOrder: tls.prefer_server_cipher_suites,
    ...(suites.length === 0 ? {} : { ciphers: [...Object.values(alwaysOn), ...suites].join(':') }),
    ...(tls.curve_preferences.length === 0 ? {} : { ecdhCurve: tls.curve_preferences.map(name => curves[name]).join(':') }),
  }
}
