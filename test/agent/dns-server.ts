import { once } from 'node:events'
import { createUDPServer, Packet } from 'dns2'

type Request = InstanceType<typeof Packet>
/** What the server says to a question: records, a response code (RFC 1035, section 4.1.1), or nothing at all. */
export type Answer = Record<string, unknown>[] | { rcode: number } | 'silence'

export const SERVFAIL = 2
export const NXDOMAIN = 3
export const REFUSED = 5

/** A real DNS server on loopback. */
export interface DnsServer {
  /** As `Resolver.setServers` takes it. */
  address: string
  close(): Promise<void>
}

/** `answerTo`: is asked with the name in lower case and the record type's number. */
export async function startDnsServer(answerTo: (name: string, type: number) => Answer): Promise<DnsServer> {
  const server = createUDPServer((request: Request, send: (response: Request) => void) => {
    const response = Packet.createResponseFromRequest(request)
    const [question] = request.questions
    const answer = answerTo(question?.name.toLowerCase() ?? '', question?.type ?? 0)
    if (answer === 'silence') return
    if (Array.isArray(answer)) response.answers.push(...answer.map(record => ({ ...record, class: 1, ttl: 5 }) as never))
    else response.header.rcode = answer.rcode
    send(response)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  return {
    address: `127.0.0.1:${port}`,
    close: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}
