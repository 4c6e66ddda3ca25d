// Records what a Consul answers and logs while services come, change and go, as `consul-VERSION.json` beside this file:
//     node test/agent/consul/recorded/record.ts PATH_TO_CONSUL VERSION
import { writeFileSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { readRuleFile, rulesOf } from '../../../../src/agent/dns/rules.ts'
import { until } from '../../../support/until.ts'
import { dig } from '../../dns/dns-process.ts'
import { ConsulRecording } from '../consul-recording.ts'
import { ConsulServer } from '../consul-server.ts'
import { close, listen } from '../loopback.ts'
import type { RecordedAnswer } from './recorded-consul.ts'

const [, , binary = 'consul', version = 'unknown'] = process.argv
const answers: RecordedAnswer[] = []
const log: string[] = []

/** Passes questions on, and keeps what is answered. */
function pass(target: string, question: IncomingMessage, answer: ServerResponse): void {
  const path = question.url?.split('?')[0] ?? ''
  const asked = request(`${target}${question.url ?? ''}`, { headers: question.headers }, response => {
    let text = ''
    answer.writeHead(response.statusCode ?? 502, response.headers)
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      answer.write(chunk)
    }).on('end', () => {
      const index = Number(response.headers['x-consul-index'])
      if (!path.endsWith('/monitor')) answers.push({ path, index, body: JSON.parse(text) as unknown })
      answer.end()
    }).on('close', () => {
      if (path.endsWith('/monitor')) log.push(...text.split('\n').filter(line => line !== ''))
    })
  })
  asked.on('error', () => answer.destroy()).end()
  answer.on('close', () => asked.destroy())
}

const consul = await ConsulServer.create({ binary })
await consul.start()
const proxy = createServer((question, answer) => pass(consul.url, question, answer))
const url = await listen(proxy)
const recording = new ConsulRecording({ url, countsChanges: true, lookups: rulesOf(readRuleFile(undefined), []) })
recording.agent.start()

const upstream = { Connect: { SidecarService: { Proxy: { Upstreams: [{ DestinationName: 'web', LocalBindPort: 9_191 }] } } } }
const steps: [() => Promise<unknown>, number][] = [
  [() => consul.register('web', 'web-1', { version: '1.2', address: '127.0.0.7' }), 2],
  [() => consul.put('/v1/agent/check/fail/service:web-1'), 3],
  [() => consul.put('/v1/agent/check/pass/service:web-1'), 4],
  [() => consul.put('/v1/agent/service/maintenance/web-1?enable=true'), 5],
  [() => consul.put('/v1/agent/service/maintenance/web-1?enable=false'), 6],
  [() => consul.register('api', 'api-1', { more: upstream }), 8],
  [() => consul.put('/v1/agent/service/deregister/api-1'), 10],
]
await until(() => recording.told.length === 1, { message: 'Consul tells of itself' })
for (const [change, events] of steps) {
  await change()
  await until(() => recording.told.length >= events, { message: `${events} events, beside ${recording.told.join(', ')}` })
}
await until(() => recording.lookups.length === 1, { message: 'the declared upstream' })
await consul.askFrom('127.0.0.7', '/v1/health/service/api?passing')
await consul.askFrom('127.0.0.7', '/v1/health/service/api?dc=nowhere')
for (const type of ['A', 'AAAA', 'SRV']) await dig(consul.dnsPort, { name: 'web.service.consul', type, from: '127.0.0.7' })
await until(() => recording.lookups.length >= 5, { message: 'look-ups' })
await recording.agent.stop()
await close(proxy)
await consul.stop()
writeFileSync(join(import.meta.dirname, `consul-${version}.json`), `${JSON.stringify({ version, answers, log }, null, 1)}\n`)
console.log(recording.told, recording.lookups)
process.exit(0)
