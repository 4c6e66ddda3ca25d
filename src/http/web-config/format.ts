import { z } from 'zod'
import { duration } from '../../config.ts'
import { alwaysOn, ciphers, clientAuthTypes, curves, http2Ciphers, versions } from './go-names.ts'

// Messages never hold a value: what is written in the wrong place may be a secret.

const text = z.string({ error: 'must be text' })
const flag = z.boolean({ error: 'must be true or false' })
const section = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, { error: issue => (issue.code === 'unrecognized_keys' ? undefined : 'must be a list of keys and values') })
const keysOf = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[]
const oneOf = <const T extends string>(choices: readonly T[]) => z.enum(choices, { error: `must be one of ${choices.join(', ')}` })
const listOf = <T extends z.ZodType>(item: T) => z.array(item, { error: 'must be a list' })

const version = z.enum(keysOf(versions), { error: 'must be TLS12 or TLS13: what is older is broken (RFC 8996)' })

const tlsServer = section({
  cert: text.optional(),
  cert_file: text.optional(),
  key: text.optional(),
  key_file: text.optional(),
  client_ca: text.optional(),
  client_ca_file: text.optional(),
  client_auth_type: oneOf(clientAuthTypes).optional(),
  client_allowed_sans: listOf(text).optional(),
  min_version: version.default('TLS12'),
  max_version: version.default('TLS13'),
  cipher_suites: listOf(oneOf([...keysOf(ciphers), ...keysOf(alwaysOn)])).default([]),
  prefer_server_cipher_suites: flag.default(true),
  curve_preferences: listOf(oneOf(keysOf(curves))).default([]),
})

const headers = section({
  'Content-Security-Policy': text.optional(),
  'Strict-Transport-Security': text.optional(),
  'X-Content-Type-Options': oneOf(['nosniff']).optional(),
  'X-Frame-Options': oneOf(['deny', 'sameorigin']).optional(),
  'X-XSS-Protection': text.optional(),
})

/** Go's own durations, but for fractions. */
const interval = z.union([z.literal(0).transform(() => '0s'), text.refine(isDuration, { error: "must be a duration such as '100ms'" })], {
  error: "must be a duration such as '100ms'",
})

/** OpenBSD's format; `2x` marks hashes of a broken implementation. */
const bcryptHash = text.regex(/^\$2[aby]?\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/, { error: 'must be hashed by bcrypt, as htpasswd -B does' })

/** The web configuration file of Prometheus' exporter-toolkit (docs/web-configuration.md there), version 0.16. */
export const webConfigFormat = section({
  tls_server_config: tlsServer.nullish(),
  http_server_config: section({ http2: flag.default(true), headers: headers.nullish() }).nullish(),
  basic_auth_users: z.record(z.string().min(1).regex(/^[^:]*$/, { error: 'a name has no colon' }), bcryptHash, {
    error: issue => (issue.code === 'invalid_key' ? 'a name must not be empty, nor have a colon' : 'must be names, each with a hash'),
  }).nullish(),
  rate_limit: section({ interval: interval.default('0s'), burst: z.int({ error: 'must be a whole number' }).min(0).default(0) }).nullish(),
}).superRefine(({ tls_server_config: tls, http_server_config: http, rate_limit: limit }, context) => {
  for (const [path, message] of [...(tls ? tlsFaults(tls, http?.http2 ?? true) : []), ...(limit ? limitFaults(limit) : [])]) {
    context.addIssue({ code: 'custom', path: path.split('.'), message })
  }
})

export type TlsServerText = z.infer<typeof tlsServer>

/** Whether TLS is meant, as exporter-toolkit tells it. */
export function isTlsEnabled(tls: TlsServerText): boolean {
  const { cert, cert_file, key, key_file, client_ca, client_ca_file, client_auth_type } = tls
  return [cert, cert_file, key, key_file, client_ca, client_ca_file, client_auth_type].some(given)
}

type Fault = [path: string, message: string]

function tlsFaults(tls: TlsServerText, http2: boolean): Fault[] {
  if (!isTlsEnabled(tls)) return []
  const pairs = [['cert', 'cert_file'], ['key', 'key_file'], ['client_ca', 'client_ca_file']] as const
  const both = pairs.filter(([inline, file]) => given(tls[inline]) && given(tls[file]))
  const neither = pairs.slice(0, 2).filter(([inline, file]) => !given(tls[inline]) && !given(tls[file]))
  const faults: Fault[] = [
    ...both.map(([inline, file]): Fault => [`tls_server_config.${inline}`, `must not be given beside ${file}`]),
    ...neither.map(([, file]): Fault => [`tls_server_config.${file}`, 'must be given']),
    ...clientFaults(tls),
  ]
  if (tls.min_version > tls.max_version) faults.push(['tls_server_config.min_version', 'must not be above max_version'])
  const suites = tls.cipher_suites
  const speaksTls12 = tls.min_version === 'TLS12' && suites.length > 0
  if (http2 && speaksTls12 && !http2Ciphers.some(cipher => suites.includes(cipher))) {
    faults.push(['tls_server_config.cipher_suites', `must have ${http2Ciphers.join(' or ')} for HTTP/2; or set http_server_config.http2 to false`])
  }
  return faults
}

function clientFaults(tls: TlsServerText): Fault[] {
  const type = tls.client_auth_type ?? 'NoClientCert'
  const hasAuthority = given(tls.client_ca) || given(tls.client_ca_file)
  const verifies = type === 'VerifyClientCertIfGiven' || type === 'RequireAndVerifyClientCert'
  if (hasAuthority && type === 'NoClientCert') return [['tls_server_config.client_auth_type', 'must be given beside client_ca_file']]
  if (verifies && !hasAuthority) {
    return [['tls_server_config.client_ca_file', 'must be given: otherwise the clients of every public authority would be let in']]
  }
  if (tls.client_allowed_sans !== undefined && !verifies) {
    return [['tls_server_config.client_allowed_sans', 'needs a client_auth_type that verifies: anybody can write any name into a certificate']]
  }
  return []
}

function limitFaults({ interval: every, burst }: { interval: string; burst: number }): Fault[] {
  return duration(every) > 0 && burst === 0 ? [['rate_limit.burst', 'must be at least 1: otherwise nothing is answered']] : []
}

function given(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}

function isDuration(value: string): boolean {
  try {
    return duration(value) >= 0
  } catch {
    return false
  }
}
