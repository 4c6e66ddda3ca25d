import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { goDurationMicros, readMonitorLine } from '../../../src/agent/consul/monitor-line.ts'

const http = '{"@level":"debug","@message":"Request finished","@module":"agent.http","@timestamp":"2026-11-24T00:49:25.280521Z",'
  + String.raw`"from":"127.0.0.1:38496","latency":"425.902µs","method":"GET","url":"/v1/health/service/web?passing\u0026near=_agent"}`
const dns = '{"@level":"debug","@message":"request served from client","@module":"agent.dns","@timestamp":"2026-11-24T00:49:25.378815Z",'
  + '"class":1,"client":"127.0.0.1:44261","client_network":"udp","latency":"287.837µs","name":"web.service.consul.","type":33}'

describe('a line of Consul’s log', () => {
  it('tells of a question by HTTP', () => {
    expect(readMonitorLine(http)).toEqual({
      kind: 'http', from: '127.0.0.1:38496', url: '/v1/health/service/web?passing&near=_agent', at: Date.parse('2026-11-24T00:49:25.280Z'), durationMicros: 426,
    })
  })

  it('tells of a question by DNS, its type by number (1.8) or by name (1.20)', () => {
    const lines = [dns, dns.replace('"type":33', '"type":"SRV"'), dns.replace('"type":33', '"type":28'), dns.replace('"type":33', '"type":"TXT"')]
    expect(lines.map(line => readMonitorLine(line))).toMatchObject(['SRV', 'SRV', 'AAAA', 'other'].map(type => ({ kind: 'dns', name: 'web.service.consul.', type })))
  })

  it('is of something else, or none', () => {
    expect([http.replace('agent.http', 'agent.server'), '{}', '[1]', '', '2026-11-24T00:49:25Z [DEBUG] agent.http', 'null'].map(line => readMonitorLine(line)?.kind))
      .toEqual(['other', 'other', 'other', undefined, undefined, undefined])
  })

  it('may be anything', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.dictionary(fc.constantFrom('@module', '@message', 'latency', 'url', 'type'), fc.jsonValue()).map(line => JSON.stringify(line))), line => {
      expect(['http', 'http_error', 'dns', 'other', undefined]).toContain(readMonitorLine(line)?.kind)
    }))
  })
})

describe('a duration as Go writes it', () => {
  it.each([
    ['0s', 0], ['417ns', 0], ['501ns', 1], ['425.902µs', 426], ['1.5ms', 1_500], ['2.000001s', 2_000_001], ['1m2.5s', 62_500_000], ['1h0m0.1s', 3_600_100_000],
    ['', -1], ['1', -1], ['-1s', -1], ['1s later', -1],
  ])('%s is %i microseconds', (text, micros) => {
    expect(goDurationMicros(text)).toBe(micros)
  })
})
