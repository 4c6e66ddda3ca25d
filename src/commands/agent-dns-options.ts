import { durationWithin, wholeNumber, type OptionSpecs, type OptionValues, type Rule } from '../config.ts'
import { optionalAddress } from '../http/options.ts'
import { hostsFile, rulesFile } from './agent-name-options.ts'
import { agentOptions } from './agent-options.ts'
import { sourceName } from './source-name.ts'

export const dnsAgentOptions = {
  ...agentOptions,
  'dnstap.unix-socket': {
    help: 'Unix socket on which DNS servers send dnstap', placeholder: '<path>', fallback: '', parse: socketPath,
  },
  'dnstap.unix-socket-mode': {
    help: 'Permissions of the socket: who may write may send', placeholder: '<octal>', fallback: '0660', parse: fileMode,
  },
  'dnstap.listen-address': {
    help: 'TCP address on which DNS servers send dnstap; nobody is asked who they are', placeholder: '<[host]:port>', fallback: '',
    parse: optionalAddress,
  },
  'dnstap.max-frame-bytes': {
    help: 'A larger frame ends its connection', placeholder: '<number>', fallback: '262144', parse: wholeNumber(1_024, 16_777_216),
  },
  'dnstap.max-connections': {
    help: 'More connections than these are refused', placeholder: '<number>', fallback: '64', parse: wholeNumber(1, 10_000),
  },
  'dnstap.handshake-timeout': {
    help: 'A sender that has not begun by then is let go', placeholder: '<duration>', fallback: '10s', parse: durationWithin('100ms', '5m'),
  },
  'dns.source': { help: 'Which registry the events speak of', placeholder: '<name>', fallback: 'dns', parse: sourceName },
  'dns.query-timeout': {
    help: 'A query without a response is a time-out then; as the clients’ resolvers have it', placeholder: '<duration>', fallback: '5s',
    parse: durationWithin('100ms', '1m'),
  },
  'dns.merge-window': {
    help: 'A and AAAA, or steps of a search, are one look-up if they follow each other within this; 0: never', placeholder: '<duration>', fallback: '200ms',
    parse: durationWithin('0ms', '5s'),
  },
  'dns.pairing-limit': {
    help: 'Queries that may wait for their response', placeholder: '<number>', fallback: '100000', parse: wholeNumber(1, 10_000_000),
  },
  'dns.record-limit': {
    help: 'Records of updates that are kept to know clients by', placeholder: '<number>', fallback: '100000', parse: wholeNumber(1, 10_000_000),
  },
  'dns.config-file': rulesFile,
  'dns.hosts-file': hostsFile,
} satisfies OptionSpecs

export type DnsAgentSettings = OptionValues<typeof dnsAgentOptions>

export const dnsAgentRules: readonly Rule<DnsAgentSettings>[] = [{
  flags: ['dnstap.unix-socket', 'dnstap.listen-address'],
  fault: 'there is nowhere to listen: give --dnstap.unix-socket, --dnstap.listen-address, or both',
  holds: settings => settings['dnstap.unix-socket'] !== '' || settings['dnstap.listen-address'] !== undefined,
}]

/** Linux takes 107 bytes (unix(7), `sun_path`), others 103. */
const MAX_SOCKET_BYTES = 103

function socketPath(value: string): string {
  if (Buffer.byteLength(value) > MAX_SOCKET_BYTES) throw new Error(`must have ${MAX_SOCKET_BYTES} bytes at most`)
  return value
}

function fileMode(value: string): number {
  if (!/^0?[0-7]{3}$/.test(value)) throw new Error('must be three octal digits such as 0660')
  return Number.parseInt(value, 8)
}
