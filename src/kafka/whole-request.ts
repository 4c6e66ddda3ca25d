import { KafkaError } from './errors.ts'
import { changed, type InnerConnection } from './inner-cluster.ts'

/** A request whose body we write ourselves. */
export interface WholeRequest {
  apiKey: number
  apiVersion: number
  apiName: string
  /** Sent one after the other. */
  body: readonly Buffer[]
  requestTimeout: number
}

const methods = ['isConnected', 'isAuthenticated', 'nextCorrelationId'] as const

/**
 * Sends a request as it is and resolves to the answer's bytes: as `Connection.send` does, which copies a request of megabytes three times,
 * each time into twice the memory. Rejects with what kafkajs makes of a lost connection, `unreachable`, or `library_changed`.
 */
export async function sendWhole(connection: InnerConnection, { body, requestTimeout, ...request }: WholeRequest): Promise<Buffer> {
  for (const name of methods) if (typeof connection[name] !== 'function') throw changed(`Connection.${name}`)
  if (typeof connection.requestQueue?.push !== 'function') throw changed('RequestQueue.push')
  if (!connection.isAuthenticated()) await authenticate(connection)
  if (!connection.isConnected()) throw new KafkaError('unreachable', 'the connection to the broker was lost')
  const correlationId = connection.nextCorrelationId()
  const head = headerOf(request, { correlationId, clientId: connection.clientId, size: body.reduce((sum, { length }) => sum + length, 0) })
  const { payload } = await new Promise<{ payload: Buffer }>((resolve, reject) => {
    connection.requestQueue.push({
      entry: { ...request, correlationId, resolve, reject },
      expectResponse: true,
      requestTimeout,
      sendRequest: () => {
        connection.socket?.cork()
        for (const part of [head, ...body]) connection.socket?.write(part)
        connection.socket?.uncork()
      },
    })
  })
  return payload
}

/** As `Connection.send` does, with or without SASL, at first and when the session has come of age. */
async function authenticate(connection: InnerConnection): Promise<void> {
  const inside = connection as unknown as Record<symbol, (() => Promise<void>) | undefined>
  const symbol = Object.getOwnPropertySymbols(connection).find(({ description }) => description === 'private:Connection:authenticate')
  const method = symbol === undefined ? undefined : inside[symbol]
  if (method === undefined) throw changed('Connection.authenticate')
  await method()
}

/** The size, and Kafka's request header, version 1. */
function headerOf(
  { apiKey, apiVersion }: Pick<WholeRequest, 'apiKey' | 'apiVersion'>,
  { correlationId, clientId, size }: { correlationId: number; clientId: string; size: number },
): Buffer {
  const client = Buffer.from(clientId)
  const head = Buffer.alloc(14)
  head.writeInt32BE(head.length - 4 + client.length + size, 0)
  head.writeInt16BE(apiKey, 4)
  head.writeInt16BE(apiVersion, 6)
  head.writeInt32BE(correlationId, 8)
  head.writeInt16BE(client.length, 12)
  return Buffer.concat([head, client])
}
