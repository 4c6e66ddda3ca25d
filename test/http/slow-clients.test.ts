import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { ProtocolServer } from '../../src/http/server.ts'

const LETTER_MS = 20

/** A server that gives a head a fifth of a second, and a whole request three. */
async function serve(): Promise<number> {
  const limits = { headersTimeout: 200, requestTimeout: 600, keepAliveTimeout: 5_000, connectionsCheckingInterval: 50 }
  const protocol = new ProtocolServer((req, res) => { req.resume().on('end', () => res.end('done')) }, { tls: null, http2: false }, limits)
  protocol.server.listen(0, '127.0.0.1')
  await once(protocol.server, 'listening')
  onTestFinished(() => protocol.close(0))
  return (protocol.server.address() as AddressInfo).port
}

/** Sends a text letter by letter for as long as it is let; resolves with what was answered until the connection ended. */
async function slowly(port: number, first: string, letter: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', chunk => { answer += chunk.toString() }).on('error', () => undefined)
  socket.write(first)
  const sending = setInterval(() => write(socket, letter), LETTER_MS)
  await once(socket, 'close')
  clearInterval(sending)
  return answer
}

function write(socket: Socket, text: string): void {
  if (socket.writable) socket.write(text)
}

it('A client that tells its head letter by letter is answered 408 and cut off, while others are served', async () => {
  const port = await serve()
  const slow = slowly(port, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'a')
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('done')
  expect(await slow).toMatch(/^HTTP\/1\.1 408 /)
})

it('So is one that tells its body so', async () => {
  const port = await serve()
  expect(await slowly(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n', 'a')).toMatch(/^HTTP\/1\.1 408 /)
})
