import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'

const REQUEST_MS = 3_000
/** Compressed, a page would cost the machine more than it saves on loopback. */
const headers = { 'accept-encoding': 'identity', accept: 'text/plain' }

/** The text of a replica's `/metrics`; undefined if none comes whole and in time. */
export async function fetchPage(port: number, signal?: AbortSignal): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(REQUEST_MS)
  try {
    const all = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: all, headers })
    const page = await response.text()
    return response.ok ? page : undefined
  } catch {
    return undefined
  }
}

/** A connection to a replica over which nothing is asked yet. Rejects if there is none to be had. */
export async function openConnection(port: number): Promise<Socket> {
  const connection = connect(port, '127.0.0.1')
  connection.on('error', () => {}) // whoever uses it is told
  await once(connection, 'connect')
  return connection
}

/** As `fetchPage`, over a connection that is open. */
export async function fetchOver(connection: Socket): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(REQUEST_MS)
    const asking = request({ createConnection: () => connection, path: '/metrics', headers: { ...headers, host: 'replica' }, signal })
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    const page = await text(response)
    return response.statusCode === 200 ? page : undefined
  } catch {
    return undefined
  } finally {
    connection.destroy()
  }
}
