import { recordsOf, recordTypes, type DnsMessage } from './message.ts'
import { failureOf, NOERROR, noAnswer, type Failure } from './response-code.ts'

/** What one question came to. `instances`: records of the type that was asked for; -1: not known. */
export interface Answer extends Failure {
  /** UNKNOWN: cut off before the first record. */
  outcome: 'UNKNOWN' | 'SUCCESS' | 'EMPTY' | 'FAILURE'
  instances: number
  /** Cut off to fit a datagram: the client is expected to ask once more, over TCP (RFC 2181, section 9). */
  isTruncated: boolean
}

export const timedOut: Answer = { outcome: 'FAILURE', instances: -1, isTruncated: false, ...noAnswer }

/** EDNS' upper eight bits of the response code lead the OPT record's time to live (RFC 6891, section 6.1.3). */
const EXTENDED_RCODE = 2 ** 24

/** Reads a response to a question of this type. Throws a WireFault `dns`. */
export function answerIn(response: DnsMessage, type: number): Answer {
  let [instances, rcode] = [0, response.rcode]
  for (const record of recordsOf(response)) {
    if (record.section === 'answer' && record.type === type) instances += 1
    if (record.section === 'additional' && record.type === recordTypes.OPT) rcode += 16 * Math.floor(record.ttl / EXTENDED_RCODE)
  }
  const { isTruncated } = response
  if (rcode !== NOERROR) return { outcome: 'FAILURE', instances: -1, isTruncated, ...failureOf(rcode) }
  const noFailure = { isTruncated, errorCategory: 'NONE', errorCode: '' } as const
  if (isTruncated && instances === 0) return { outcome: 'UNKNOWN', instances: -1, ...noFailure }
  return { outcome: instances > 0 ? 'SUCCESS' : 'EMPTY', instances, ...noFailure }
}
