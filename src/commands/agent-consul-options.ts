import { boolean, durationWithin, nonEmpty, text, wholeNumber, type OptionSpecs, type OptionValues, type Rule } from '../config.ts'
import { optionalFile } from '../kafka/named-file.ts'
import { agentOptions } from './agent-options.ts'
import { hostsFile, rulesFile } from './agent-name-options.ts'
import { sourceName } from './source-name.ts'

export const consulAgentOptions = {
  ...agentOptions,
  'consul.url': { help: 'Where Consul answers HTTP', placeholder: '<url>', fallback: 'http://127.0.0.1:8500', parse: consulUrl },
  'consul.token-file': { help: 'File that holds the ACL token; read anew for each question', placeholder: '<file>', fallback: '', parse: optionalFile },
  'consul.tls.ca-file': { help: 'Certificate authorities in PEM; otherwise the system’s', placeholder: '<file>', fallback: '', parse: fileText },
  'consul.tls.cert-file': { help: 'Client certificate in PEM', placeholder: '<file>', fallback: '', parse: fileText },
  'consul.tls.key-file': { help: 'Key of the client certificate in PEM', placeholder: '<file>', fallback: '', parse: fileText },
  'consul.tls.server-name': {
    help: 'Name to check in Consul’s certificate, if not the host’s, such as server.dc1.consul', placeholder: '<name>', fallback: '', parse: text,
  },
  'consul.datacenter': { help: 'Data centre to ask for; otherwise that of the Consul that is asked', placeholder: '<name>', fallback: '', parse: text },
  'consul.source': {
    help: 'Which registry the events speak of; consul/ and the data centre unless given', placeholder: '<name>', fallback: '',
    parse: value => (value === '' ? '' : sourceName(value)),
  },
  'consul.version-key': {
    help: 'What names the version among a service’s meta data, or before = in a tag', placeholder: '<name>', fallback: 'version', parse: nonEmpty,
  },
  'consul.resync-interval': {
    help: 'All instances are told anew after this, with a lease of three times as long', placeholder: '<duration>', fallback: '5m',
    parse: durationWithin('10s', '1h'),
  },
  'consul.request-timeout': {
    help: 'How late an answer may be', placeholder: '<duration>', fallback: '10s', parse: durationWithin('100ms', '5m'),
  },
  'consul.max-queries': {
    help: 'Services that are asked about at once; with more, they take turns', placeholder: '<number>', fallback: '128', parse: wholeNumber(1, 10_000),
  },
  'consul.service-limit': {
    help: 'Services that are watched; those beyond are left out', placeholder: '<number>', fallback: '10000', parse: wholeNumber(1, 1_000_000),
  },
  'consul.count-changes': {
    help: 'Count what is seen to change as registrations; for one agent to a Consul', placeholder: '[true|false]', fallback: 'false', parse: boolean,
  },
  'consul.lookups': {
    help: 'Read look-ups from the log of the Consul agent that is asked', placeholder: '[true|false]', fallback: 'false', parse: boolean,
  },
  'consul.rules-file': { ...rulesFile, help: 'YAML or JSON: patterns and clients, as the DNS agent’s --dns.config-file' },
  'consul.hosts-file': hostsFile,
} satisfies OptionSpecs

export type ConsulAgentSettings = OptionValues<typeof consulAgentOptions>

const tlsFlags = ['consul.tls.ca-file', 'consul.tls.cert-file', 'consul.tls.server-name'] as const

export const consulAgentRules: readonly Rule<ConsulAgentSettings>[] = [
  {
    flags: ['consul.tls.cert-file', 'consul.tls.key-file'], fault: '--consul.tls.cert-file and --consul.tls.key-file go together',
    holds: settings => (settings['consul.tls.cert-file'] === '') === (settings['consul.tls.key-file'] === ''),
  },
  ...tlsFlags.map((flag): Rule<ConsulAgentSettings> => ({
    flags: ['consul.url', flag], fault: `--${flag} needs a --consul.url that begins with https:`,
    holds: settings => settings['consul.url'].startsWith('https:') || settings[flag] === '',
  })),
]

function consulUrl(value: string): string {
  const url = URL.parse(value)
  if (!/^https?:$/.test(url?.protocol ?? '')) throw new Error('must be an http or https URL')
  if (url !== null && url.username + url.password + url.search !== '') throw new Error('must hold no credentials or query: see --consul.token-file')
  return value
}

/** What is in a file, as it is at the start; '': none is named. */
function fileText(path: string): string {
  return optionalFile(path)?.read() ?? ''
}
