import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { dns, types } from './wire.ts'

export interface FloodOptions {
  port: number
  name: string
  /** Addresses of loopback, of which each asks its part. */
  clients: readonly string[]
  queries: number
  perSecond: number
}

/** Asks a server on loopback over UDP, at a steady rate. Resolves with the number of responses, once no more have come for a while. */
export async function flood({ port, name, clients, queries, perSecond }: FloodOptions): Promise<number> {
  const counted = { responses: 0 }
  const sockets = await Promise.all(clients.map(address => bound(address, () => { counted.responses += 1 })))
  const start = performance.now()
  for (let sent = 0; sent < queries;) {
    const due = Math.min(queries, Math.ceil(((performance.now() - start) / 1_000) * perSecond))
    for (; sent < due; sent++) {
      const query = dns({ id: Math.floor(sent / sockets.length) % 65_536, questions: [{ name, type: types.A }] })
      sockets[sent % sockets.length]?.send(query, port, '127.0.0.1')
    }
    await delay(1)
  }
  for (let last = -1; last !== counted.responses;) {
    last = counted.responses
    await delay(1_000)
  }
  for (const socket of sockets) socket.close()
  return counted.responses
}

async function bound(address: string, onResponse: () => void): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_194_304 })
  socket.on('message', onResponse)
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket
}
