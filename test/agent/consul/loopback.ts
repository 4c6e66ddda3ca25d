import type { Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

/** Resolves with the URL of a server that listens on loopback from then on. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Cuts all connections, and resolves once the server listens no more. */
export async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}
