import { createServer } from 'node:net'
import { randomInt } from 'node:crypto'

/**
 * A loopback port that nobody listens on.
 *
 * Taken from below the range for outgoing connections (32768 and up on Linux): while a broker on such a port is down, a client that keeps
 * dialling it could be given the same number as its own end, connect to itself, and keep the broker from coming back.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000)
    if (await canListen(port)) return port
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => {
      resolve(false)
    })
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true)
      })
    })
  })
}
