import { createServer, type Server, type Socket } from 'node:net'
import { listenAt, type DnstapAddress } from './listening.ts'
import { DnstapSession } from './session.ts'
import { WireFault } from './wire-fault.ts'

export interface ReceiverOptions {
  addresses: readonly DnstapAddress[]
  maxFrameBytes: number
  /** More connections than these are closed at once and counted. */
  maxConnections: number
  /** A sender that has not begun its stream after these milliseconds is let go. */
  handshakeMs: number
}

export interface ReceiverOutlet {
  /** A data frame. Must not throw. */
  frame: (payload: Buffer) => void
  /** `refused`: one connection too many. */
  connection: (what: 'opened' | 'closed' | 'refused') => void
  /** A sender broke the protocol and its connection is closed. */
  fault: (fault: WireFault) => void
}

/** Accepts dnstap from any number of DNS servers, up to a bound, on any number of addresses. */
export class DnstapReceiver {
  readonly #options: ReceiverOptions
  readonly #outlet: ReceiverOutlet
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()

  constructor(options: ReceiverOptions, outlet: ReceiverOutlet) {
    this.#options = options
    this.#outlet = outlet
  }

  /** Resolves once all addresses are listened on; rejects with a ListenError, and then none is. */
  async listen(): Promise<void> {
    try {
      for (const address of this.#options.addresses) {
        const server = createServer(socket => this.#accept(socket))
        await listenAt(server, address)
        this.#servers.push(server)
      }
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** The ports of the TCP addresses, in their order. */
  get ports(): number[] {
    return this.#servers.flatMap(server => {
      const address = server.address()
      return typeof address === 'object' && address !== null ? [address.port] : []
    })
  }

  /** Ends all connections; the senders see it and try again later. Resolves when nothing listens any more. */
  async close(): Promise<void> {
    const closed = this.#servers.map(server => new Promise(resolve => { server.close(resolve) }))
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(closed)
  }

  #accept(socket: Socket): void {
    const { maxConnections, maxFrameBytes, handshakeMs } = this.#options
    socket.on('error', () => undefined) // 'close' follows
    if (this.#sockets.size >= maxConnections) {
      this.#outlet.connection('refused')
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    this.#outlet.connection('opened')
    const session = new DnstapSession(maxFrameBytes, { frame: this.#outlet.frame, reply: bytes => socket.write(bytes) })
    const patience = setTimeout(() => {
      this.#end(socket, new WireFault('handshake_timeout', `a sender has not begun after ${handshakeMs} ms`))
    }, handshakeMs).unref()
    socket.on('data', chunk => {
      this.#receive(socket, session, chunk)
      if (session.state === 'started') clearTimeout(patience)
    })
    socket.once('close', () => {
      clearTimeout(patience)
      this.#sockets.delete(socket)
      this.#outlet.connection('closed')
    })
  }

  #receive(socket: Socket, session: DnstapSession, chunk: Buffer): void {
    try {
      session.receive(chunk)
      if (session.state === 'stopped') socket.end()
    } catch (error) {
      if (!(error instanceof WireFault)) throw error
      this.#end(socket, error)
    }
  }

  #end(socket: Socket, fault: WireFault): void {
    this.#outlet.fault(fault)
    socket.destroy()
  }
}
