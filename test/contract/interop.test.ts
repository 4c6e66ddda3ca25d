import { describe, expect, it } from 'vitest'
import { createEncoder, Decoder } from '../../src/contract/codec.ts'
import type { AgentReport, LookupEvent, RegistrationEvent } from '../../src/contract/events.ts'

/**
 * Written by other implementations: the bodies by fastavro 1.13 and, byte for byte the same, Apache Avro 1.12 for Python, from the files
 * under schemas/; the fingerprints by fastavro. fastavro also read back what our encoder wrote of the same events.
 */
const lookup: LookupEvent = {
  agentId: 'dns/7d1f', sequence: 9_007_199_254_740_990, occurredAt: 1_767_225_600_123, source: 'consul/dc1', clientNamespace: 'shop',
  client: 'checkout', namespace: 'default', service: 'payments-ü-支付-💳', method: 'DNS', cache: 'STALE', outcome: 'FAILURE',
  errorCategory: 'RATE_LIMITED', errorCode: 'NXDOMAIN', instances: 2_147_483_647, durationMicros: -1, weight: 10_000,
  clientInstance: 'checkout-0', zone: 'eu-1a',
}
const lookupBytes = 'c301fee29ae9e2b27ccc'
  + '10646e732f37643166fcffffffffffff1ff6a1d5edee6614636f6e73756c2f6463310873686f7010636865636b6f75740e64656661756c742e7061796d656e7473'
  + '2dc3bc2de694afe4bb982df09f92b30406060e104e58444f4d41494efeffffff0f01a09c0114636865636b6f75742d300a65752d3161'

const registration: RegistrationEvent = {
  agentId: 'sdk/0', sequence: 1, occurredAt: 1, source: '', operation: 'OBSERVE', outcome: 'SUCCESS', errorCategory: 'OTHER', errorCode: '',
  namespace: '', service: 'a', instance: 'i-1', version: '1.2.3+b', zone: '', address: '10.0.0.1:8080', status: 'DRAINING',
  leaseMillis: 30_000, durationMicros: 1_234_567, revision: 1_099_511_627_776,
}
const registrationBytes = 'c301d7bbfacb32674011'
  + '0a73646b2f300202000c02140000026106692d310e312e322e332b62001a31302e302e302e313a383038300ce0d4038eda9601808080808040'

const agent: AgentReport = {
  agentId: 'consul/x', sequence: 0, occurredAt: 1_767_225_600_000, source: 's', version: '0.1.0', host: 'node-1',
  startedAt: 1_767_225_590_000, recorded: 1, sent: 63, droppedQueueFull: 64, droppedTooLarge: 8_191, droppedEncode: 8_192,
  droppedSend: 1_073_741_823, droppedShutdown: 1_073_741_824, sampledOut: 2_147_483_648,
}
const agentBytes = 'c3018a46c65f3b6e338f'
  + '10636f6e73756c2f780080a0d5edee6602730a302e312e300c6e6f64652d31e083d4edee66027e8001fe7f808001feffffff0780808080088080808010'

describe('what another implementation of Avro writes', () => {
  it('is read as the event that it wrote', () => {
    expect(new Decoder('lookup').decode(Buffer.from(lookupBytes, 'hex'))).toEqual(lookup)
    expect(new Decoder('registration').decode(Buffer.from(registrationBytes, 'hex'))).toEqual(registration)
    expect(new Decoder('agent').decode(Buffer.from(agentBytes, 'hex'))).toEqual(agent)
  })

  it('is, byte for byte, what we write', () => {
    expect(createEncoder('lookup')(lookup).toString('hex')).toBe(lookupBytes)
    expect(createEncoder('registration')(registration).toString('hex')).toBe(registrationBytes)
    expect(createEncoder('agent')(agent).toString('hex')).toBe(agentBytes)
  })
})
