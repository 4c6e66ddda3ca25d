import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRuleFile, rulesOf } from '../../../../src/agent/dns/rules.ts'
import { until } from '../../../support/until.ts'
import { ConsulRecording } from '../consul-recording.ts'
import { RecordedConsul } from './recorded-consul.ts'

describe('what Consul 1.20.6 answered and logged', () => {
  const consul = new RecordedConsul('1.20.6')
  let recording: ConsulRecording

  beforeAll(async () => {
    recording = new ConsulRecording({ url: await consul.start(), countsChanges: true, lookups: rulesOf(readRuleFile(undefined), []) })
    recording.agent.start()
  })

  afterAll(async () => {
    await recording.agent.stop()
    await consul.stop()
  })

  it('is told as what it was: registrations, states, and ends, in their order', async () => {
    await recording.untilTold('STATUS_CHANGE web node-1/web-1 PASSING @22')
    await recording.untilTold('DEREGISTER api node-1/api-1 @28')
    await recording.untilTold('DEREGISTER api-sidecar-proxy node-1/api-1-sidecar-proxy @28')
    expect(['consul', 'web', 'api', 'api-sidecar-proxy'].map(service => recording.toldOf(service))).toEqual([
      ['OBSERVE consul node-1/consul PASSING @15'],
      [
        'REGISTER web node-1/web-1 PASSING @18', 'STATUS_CHANGE web node-1/web-1 CRITICAL @19', 'STATUS_CHANGE web node-1/web-1 PASSING @20',
        'STATUS_CHANGE web node-1/web-1 MAINTENANCE @21', 'STATUS_CHANGE web node-1/web-1 PASSING @22',
      ],
      ['REGISTER api node-1/api-1 PASSING @23', 'DEREGISTER api node-1/api-1 @28'],
      ['REGISTER api-sidecar-proxy node-1/api-1-sidecar-proxy CRITICAL @24', 'DEREGISTER api-sidecar-proxy node-1/api-1-sidecar-proxy @28'],
    ])
    expect(recording.registrations.find(({ service }) => service === 'web')).toMatchObject({ address: '127.0.0.7:80', version: '1.2', zone: 'dc1' })
  })

  it('declares the upstreams of a proxy, and tells of look-ups by HTTP and DNS', async () => {
    consul.log()
    await until(() => recording.lookups.length === 5, { message: 'five look-ups' })
    expect(recording.lookups.map(({ client, service, method, weight, outcome, durationMicros }) => [client, service, method, weight, outcome, durationMicros])).toEqual([
      ['api', 'web', 'XDS', 0, undefined, undefined], ['web', 'api', 'HTTP', undefined, undefined, 393], ['web', 'api', 'HTTP', undefined, 'FAILURE', 208],
      ['web', 'web', 'DNS', undefined, undefined, 1_223], ['web', 'web', 'DNS', undefined, undefined, 504],
    ])
    expect(recording.lookups[3]?.occurredAt).toBe(1_795_482_669_328)
    expect(recording.agent.lookups?.lines.samples().filter(({ value }) => value > 0).map(({ result }) => result)).toEqual(['lookup', 'twin', 'own', 'other'])
  })
})
