import type { DnstapMessage } from '../dnstap/dnstap-message.ts'
import { opcodes, type DnsMessage } from './message.ts'

/**
 * What a query and its response have in common. Not the connection that told of them: a server may reopen it in between. An update's
 * response may leave out its zone (RFC 2136, section 3.8), so that is no part of it.
 */
export function exchangeKey({ identity, clientAddress, clientPort, protocol }: DnstapMessage, message: DnsMessage): string {
  const { id, opcode, question } = message
  const asked = opcode === opcodes.UPDATE ? 'update' : `${question?.type ?? 0} ${question?.name ?? ''}`
  return `${identity} ${clientAddress.toString('latin1')} ${clientPort} ${protocol} ${id} ${asked}`
}
