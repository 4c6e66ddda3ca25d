import { once } from 'node:events'
import { createUDPServer, Packet, type Question, type Resource } from 'dns2'
import type { DnsFault } from './faults.ts'
import { instanceName, parseName } from './names.ts'
import type { RegisteredInstance, Registry } from './registry.ts'

const TTL_SECONDS = 1
// RFC 1035 section 4.1.1; dns2's types leave its table of them out.
const NO_ERROR = 0
const NX_DOMAIN = 3

export interface DnsServer {
  /** `host:port`, as a resolver's `setServers` takes it. */
  address: string
  close(): Promise<void>
}

/** Serves the registry on a free loopback port by UDP. `fault` says, query by query, what goes wrong with the answer. */
export async function startDnsServer(registry: Registry, fault: () => DnsFault | null): Promise<DnsServer> {
  const server = createUDPServer((request, send) => {
    const wrong = fault()
    if (wrong?.kind === 'drop') return
    const respond = (): void => {
      // A client that left before a slow answer is no fault of ours.
      send(encode(answer(registry, request, wrong))).catch(() => undefined)
    }
    if (wrong?.kind === 'slow') setTimeout(respond, wrong.delayMillis)
    else respond()
  })
  await server.listen(0, '127.0.0.1')
  return {
    address: `127.0.0.1:${server.address().port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

function answer(registry: Registry, request: Packet, wrong: DnsFault | null): Packet {
  const response = Packet.createResponseFromRequest(request)
  response.header.aa = 1
  const [question] = request.questions
  const records = question === undefined ? null : recordsOf(registry, question)
  response.header.rcode = wrong?.kind === 'refuse' ? wrong.rcode : records === null ? NX_DOMAIN : NO_ERROR
  if (response.header.rcode === NO_ERROR) response.answers = records ?? []
  return response
}

/** Null: the name does not exist. Empty: it does, with no record of that type. */
function recordsOf(registry: Registry, question: Question): Resource[] | null {
  const name = parseName(question.name)
  const usable = name === null ? null : registry.usable(name)
  if (name === null || usable === null) return null
  const asked = usable.filter(({ instance }) => name.instance === null || name.instance === instance)
  if (question.type === Packet.TYPE.SRV) return asked.map(instance => srvRecord(question, instance))
  return question.type === Packet.TYPE.A ? asked.map(instance => aRecord(question, instance)) : []
}

function srvRecord(question: Question, instance: RegisteredInstance): Resource {
  const target = instanceName(instance, instance.instance)
  const service = { priority: 0, weight: 1, port: instance.port, target }
  return Packet.createResourceFromQuestion(question, { ttl: TTL_SECONDS, ...service })
}

function aRecord(question: Question, { address }: RegisteredInstance): Resource {
  return Packet.createResourceFromQuestion(question, { ttl: TTL_SECONDS, address })
}

/**
 * RFC 2782 forbids compressing an SRV record's target, and c-ares refuses the whole answer for it. dns2 3.0.0 compresses every name,
 * unless the writer comes with something else in the place of the table of names that it would make.
 */
function encode(response: Packet): Buffer {
  const packet: { toBuffer(writer: object): Buffer } = response
  return packet.toBuffer(Object.assign(new Packet.Writer(), { names: 'uncompressed' }))
}
