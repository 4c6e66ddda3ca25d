import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ListenAddress } from './options.ts'
import { ProtocolServer } from './server.ts'
import type { WebConfigFile } from './web-config/file.ts'
import { guarded } from './web-config/guarded.ts'
import type { WebConfig } from './web-config/read.ts'

export interface ListenOptions {
  /** The flag that gave the address. Default: `--web.listen-address`. */
  flag?: string
  /** What protects it; undefined: nothing. */
  config?: WebConfigFile | undefined
  /** Told what becomes of the configuration. */
  log?: { info: (text: string) => void; error: (fault: { error: unknown }, text: string) => void }
}

/** A web server that listens. */
export interface WebServer {
  /** `https://[::]:9464` */
  url: string
  port: number
  /** Takes no new requests, lets those under way end within `grace` milliseconds, then closes all connections. */
  close: (grace: number) => Promise<void>
}

const unprotected: WebConfig = { tls: null, http2: false, headers: {}, users: new Map(), rateLimit: null, files: [] }

/** Connections that wait to be taken while the loop is busy; the system may allow fewer. Node's own 511 is less than a thousand scrapers. */
const MOST_WAITING = 4_096

/** Serves an app, by HTTP/2 too where there is TLS. Rejects, saying what to do, if the address cannot be had. */
export async function listen(app: RequestListener, { host, port }: ListenAddress, options: ListenOptions = {}): Promise<WebServer> {
  const { flag = '--web.listen-address', config, log } = options
  const handler = config === undefined ? app : guarded(app, () => config.current, error => log?.error({ error }, 'a password could not be checked'))
  const began = config?.current ?? unprotected
  const protocol = new ProtocolServer(handler, began)
  await new Promise<void>((resolve, reject) => {
    protocol.server.once('error', (error: Error) => {
      reject(new Error(`cannot listen on ${host ?? ''}:${port}: ${error.message}; give another ${flag}`, { cause: error }))
    })
    protocol.server.listen({ port, backlog: MOST_WAITING, ...(host === undefined ? {} : { host }) }, resolve)
  })
  const stop = config?.watch({
    knows: began,
    onChange: ({ tls }) => {
      if (tls !== null) protocol.renew(tls)
      log?.info(`${config.path} was read anew`)
    },
    onFault: error => log?.error({ error }, `${config.path} has changed, and cannot be used: what was read before stands until it is mended`),
  })
  const address = protocol.server.address() as AddressInfo
  return {
    url: urlOf(address, began.tls === null ? 'http' : 'https'), port: address.port,
    close: grace => {
      stop?.()
      return protocol.close(grace)
    },
  }
}

function urlOf({ address, family, port }: AddressInfo, scheme: string): string {
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
