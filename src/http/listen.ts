import { createServer, type RequestListener, type Server } from 'node:http'
import type { ListenAddress } from './options.ts'

/** Serves an app. Rejects, saying what to do, if the address, which `flag` gave, cannot be had. */
export async function listen(app: RequestListener, { host, port }: ListenAddress, flag = '--web.listen-address'): Promise<Server> {
  const server = createServer(app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => {
      reject(new Error(`cannot listen on ${host ?? ''}:${port}: ${error.message}; give another ${flag}`, { cause: error }))
    })
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve)
  })
  return server
}

/** Takes no new requests, lets those under way end within `grace` milliseconds, then closes all connections. */
export async function close(server: Server, grace: number): Promise<void> {
  const closed = new Promise(resolve => { server.close(resolve) })
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), grace)
  await closed
  clearTimeout(cut)
}
