import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const ACKS_OF_ALL = -1
const TIMEOUT_MS = 30_000
const CLIENT = 'bench'

/** Sends whole record batches to the one broker of a benchmark, as Produce requests of version 7, without waiting for one before the next. */
export class LeanProducer {
  readonly #socket: Socket
  readonly #waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  #received: Buffer = Buffer.alloc(0)

  static async open(broker: string): Promise<LeanProducer> {
    const colon = broker.lastIndexOf(':')
    const socket = connect({ host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)), noDelay: true })
    await once(socket, 'connect')
    return new LeanProducer(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', bytes => this.#read(bytes))
    socket.on('close', () => { for (const { reject } of this.#waiting.splice(0)) reject(new Error('the broker has closed the connection')) })
  }

  /** Resolves once the broker has it. Rejects if the broker refuses it. */
  send(topic: string, partition: number, batch: Buffer): Promise<void> {
    const name = Buffer.from(topic)
    const head = Buffer.alloc(4 + 8 + 2 + CLIENT.length + 2 + 2 + 4 + 4 + 2)
    let at = head.writeInt32BE(head.length - 4 + name.length + 12 + batch.length, 0)
    at = head.writeInt16BE(7, head.writeInt16BE(0, at))
    at = head.writeInt16BE(CLIENT.length, head.writeInt32BE(0, at))
    at += head.write(CLIENT, at)
    at = head.writeInt16BE(ACKS_OF_ALL, head.writeInt16BE(-1, at)) // -1: in no transaction
    at = head.writeInt32BE(1, head.writeInt32BE(TIMEOUT_MS, at))
    head.writeInt16BE(name.length, at)
    const tail = Buffer.alloc(12)
    tail.writeInt32BE(batch.length, tail.writeInt32BE(partition, tail.writeInt32BE(1, 0)))
    this.#socket.cork()
    for (const part of [head, name, tail, Buffer.from(batch)]) this.#socket.write(part) // a copy: the batch is stamped again
    this.#socket.uncork()
    return new Promise((resolve, reject) => { this.#waiting.push({ resolve, reject }) })
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    while (this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)) {
      const length = this.#received.readInt32BE(0)
      const body = this.#received.subarray(8, 4 + length)
      this.#received = this.#received.subarray(4 + length)
      const error = body.readInt16BE(4 + 2 + body.readInt16BE(4) + 4 + 4)
      const asked = this.#waiting.shift()
      if (error === 0) asked?.resolve()
      else asked?.reject(new Error(`the broker answers error ${error} to a batch: is the topic there, and led by the first broker?`))
    }
  }
}
