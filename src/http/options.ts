import type { OptionSpec } from '../config.ts'
import { WebConfigFile } from './web-config/file.ts'

export interface ListenAddress {
  /** Undefined: all of the machine's. */
  host: string | undefined
  port: number
}

export const webOptions = {
  'web.listen-address': {
    help: 'Where to serve metrics, API and map', placeholder: '<[host]:port>', fallback: ':9464', parse: listenAddress,
  },
  'web.config.file': {
    help: 'TLS, users and headers, in the format of Prometheus’ exporters', placeholder: '<file>', fallback: '',
    parse: (path: string) => (path === '' ? undefined : new WebConfigFile(path)),
  },
} satisfies Record<string, OptionSpec<unknown>>

/** An address that need not be given. */
export function optionalAddress(value: string): ListenAddress | undefined {
  return value === '' ? undefined : listenAddress(value)
}

/** `:9464`, `127.0.0.1:9464`, `[::1]:9464`. */
function listenAddress(value: string): ListenAddress {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]*)):(\d{1,5})$/.exec(value) ?? []
  if (port === undefined || Number(port) > 65_535) throw new Error('must be [host]:port')
  return { host: bracketed ?? (plain === '' ? undefined : plain), port: Number(port) }
}
