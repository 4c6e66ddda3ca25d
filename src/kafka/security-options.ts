import { boolean, ConfigError, oneOf, text, type OptionSpec, type OptionValues, type Rule } from '../config.ts'
import { optionalFile } from './named-file.ts'

const mechanisms = ['', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const

/** Secrets come from files only, so that no process list shows them; each new connection reads them anew. */
export const securityOptions = {
  'kafka.tls.enabled': {
    help: 'Encrypt, and check the brokers’ certificates',
    placeholder: '[true|false]', fallback: 'false', parse: boolean,
  },
  'kafka.tls.ca-file': {
    help: 'Certificate authorities in PEM; otherwise the system’s',
    placeholder: '<file>', fallback: '', parse: optionalFile,
  },
  'kafka.tls.cert-file': { help: 'Client certificate in PEM', placeholder: '<file>', fallback: '', parse: optionalFile },
  'kafka.tls.key-file': { help: 'Key of the client certificate in PEM', placeholder: '<file>', fallback: '', parse: optionalFile },
  'kafka.tls.server-name': {
    help: 'Name to check in the brokers’ certificates, if not the host’s',
    placeholder: '<name>', fallback: '', parse: text,
  },
  'kafka.sasl.mechanism': {
    help: mechanisms.slice(1).join(', '),
    placeholder: '<mechanism>', fallback: '', parse: oneOf(...mechanisms),
  },
  'kafka.sasl.username': { help: 'Name to log in with; at --kafka.sasl.token-url, the client’s id', placeholder: '<name>', fallback: '', parse: text },
  'kafka.sasl.password-file': {
    help: 'File that holds the password; at --kafka.sasl.token-url, the client’s secret', placeholder: '<file>', fallback: '', parse: optionalFile,
  },
  'kafka.sasl.token-file': {
    help: 'File that holds the token of oauthbearer, which somebody else keeps fresh', placeholder: '<file>', fallback: '', parse: optionalFile,
  },
  'kafka.sasl.token-url': {
    help: 'Where to get the token of oauthbearer, by the client credentials grant of OAuth 2.0', placeholder: '<url>', fallback: '', parse: tokenUrl,
  },
  'kafka.sasl.token-scope': { help: 'Scope to ask the token for', placeholder: '<scope>', fallback: '', parse: text },
} satisfies Record<string, OptionSpec<unknown>>

export type SecuritySettings = OptionValues<typeof securityOptions>
type Flag = keyof SecuritySettings

const isGiven = (settings: SecuritySettings, flag: Flag): boolean =>
  settings[flag] !== '' && settings[flag] !== null && settings[flag] !== false
const isPassword = (settings: SecuritySettings): boolean => !['', 'oauthbearer'].includes(settings['kafka.sasl.mechanism'])

function needs(flag: Flag, other: Flag): Rule<SecuritySettings> {
  return {
    flags: [flag, other], fault: `--${flag} needs --${other}`,
    holds: settings => !isGiven(settings, flag) || isGiven(settings, other),
  }
}

/** What a password's mechanism needs beside it. */
function passwordNeeds(other: Flag): Rule<SecuritySettings> {
  return {
    flags: ['kafka.sasl.mechanism', other], fault: `--kafka.sasl.mechanism needs --${other}`,
    holds: settings => !isPassword(settings) || isGiven(settings, other),
  }
}

/** What the settings must be together. */
export const securityRules: readonly Rule<SecuritySettings>[] = [
  passwordNeeds('kafka.sasl.username'),
  passwordNeeds('kafka.sasl.password-file'),
  needs('kafka.sasl.username', 'kafka.sasl.mechanism'),
  needs('kafka.sasl.password-file', 'kafka.sasl.mechanism'),
  needs('kafka.sasl.token-url', 'kafka.sasl.username'),
  needs('kafka.sasl.token-url', 'kafka.sasl.password-file'),
  needs('kafka.sasl.token-scope', 'kafka.sasl.token-url'),
  {
    flags: ['kafka.sasl.mechanism', 'kafka.sasl.token-file', 'kafka.sasl.token-url'],
    fault: '--kafka.sasl.mechanism=oauthbearer needs either --kafka.sasl.token-file or --kafka.sasl.token-url',
    holds: settings => settings['kafka.sasl.mechanism'] !== 'oauthbearer' ||
      isGiven(settings, 'kafka.sasl.token-file') !== isGiven(settings, 'kafka.sasl.token-url'),
  },
  ...(['kafka.sasl.token-file', 'kafka.sasl.token-url'] as const).map((flag): Rule<SecuritySettings> => ({
    flags: ['kafka.sasl.mechanism', flag], fault: `--${flag} needs --kafka.sasl.mechanism=oauthbearer`,
    holds: settings => settings['kafka.sasl.mechanism'] === 'oauthbearer' || !isGiven(settings, flag),
  })),
  {
    flags: ['kafka.tls.cert-file', 'kafka.tls.key-file'], fault: '--kafka.tls.cert-file and --kafka.tls.key-file go together',
    holds: settings => isGiven(settings, 'kafka.tls.cert-file') === isGiven(settings, 'kafka.tls.key-file'),
  },
  needs('kafka.tls.ca-file', 'kafka.tls.enabled'),
  needs('kafka.tls.cert-file', 'kafka.tls.enabled'),
  needs('kafka.tls.server-name', 'kafka.tls.enabled'),
]

function tokenUrl(value: string): string {
  const url = URL.parse(value)
  if (value !== '' && !/^https?:$/.test(url?.protocol ?? '')) throw new Error('must be an http or https URL')
  if (url !== null && (url.username !== '' || url.password !== '')) throw new ConfigError(['must hold no password: give --kafka.sasl.password-file'])
  return value
}
