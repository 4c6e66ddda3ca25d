import type { KafkaConfig } from 'kafkajs'
import type { NamedFile } from './named-file.ts'
import { oauthLogin } from './oauth-login.ts'
import { OAuthTokens } from './oauth-tokens.ts'
import type { SecuritySettings } from './security-options.ts'

/**
 * TLS and SASL as kafkajs takes them. What comes from files is behind accessors: kafkajs 2.2.4 keeps both objects as they are, and asks them at
 * each connection and each authentication.
 */
export function securityOf(settings: SecuritySettings): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return {
    ...(settings['kafka.tls.enabled'] ? { ssl: tlsOptions(settings) } : {}),
    ...(settings['kafka.sasl.mechanism'] === '' ? {} : { sasl: loginOf(settings) as NonNullable<KafkaConfig['sasl']> }),
  }
}

function loginOf(settings: SecuritySettings): object {
  const password = settings['kafka.sasl.password-file']
  const { 'kafka.sasl.username': username, 'kafka.sasl.mechanism': mechanism, 'kafka.sasl.token-file': file } = settings
  if (mechanism !== 'oauthbearer') return withFiles({ mechanism, username }, { password })
  if (file !== null) return { mechanism, authenticationProvider: oauthLogin(async () => reading('token', file)) }
  const tokens = new OAuthTokens({
    url: settings['kafka.sasl.token-url'], clientId: username, scope: settings['kafka.sasl.token-scope'],
    secret: () => (password === null ? '' : reading('password', password)),
  })
  return { mechanism, authenticationProvider: oauthLogin(() => tokens.token()) }
}

function tlsOptions(settings: SecuritySettings): Exclude<KafkaConfig['ssl'], boolean | undefined> {
  const servername = settings['kafka.tls.server-name']
  return withFiles(servername === '' ? {} : { servername }, {
    ca: settings['kafka.tls.ca-file'], cert: settings['kafka.tls.cert-file'], key: settings['kafka.tls.key-file'],
  })
}

/** The values, and for each file one that is read when it is asked for. Not to be spread: that would read it once and for all. */
function withFiles(values: object, files: Readonly<Record<string, NamedFile | null>>): object {
  const accessors = Object.entries(files).flatMap(([name, file]) =>
    (file === null ? [] : [[name, { enumerable: true, get: () => reading(name, file) }] as const]))
  return Object.defineProperties({ ...values }, Object.fromEntries(accessors))
}

function reading(what: string, file: NamedFile): string {
  try {
    return file.read()
  } catch (cause) {
    throw new Error(`the ${what} for Kafka cannot be read: ${file.path} ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}
