import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash } from '@node-rs/bcrypt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../broker/ports.ts'
import { Authority } from '../support/certificates.ts'
import { CommandProcess, createTopics } from '../support/replicas.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { PrometheusServer } from './prometheus-server.ts'

const UNDER_WAY = { timeout: 30_000, interval: 250 }
const names = ['known', 'http1', 'no password', 'no certificate'] as const
type Name = (typeof names)[number]

describe('a Prometheus that scrapes a replica with a web configuration file', () => {
  const site = { brokers: sharedBroker().brokers, topicPrefix: uniquePrefix() }
  let authority: Authority
  let replica: CommandProcess
  let prometheus: PrometheusServer

  beforeAll(async () => {
    authority = await Authority.make()
    await Promise.all([
      authority.issue({ name: 'server', names: ['IP:127.0.0.1'] }), authority.issue({ name: 'scraper', names: ['DNS:prometheus.example'] }),
    ])
    const file = join(authority.folder, 'web.yml')
    writeFileSync(file, `
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: authority.crt
  client_allowed_sans: [prometheus.example]
basic_auth_users: { prometheus: ${await hash('secret', 10)} }
`)
    await createTopics(site)
    const address = `127.0.0.1:${await freePort()}`
    replica = new CommandProcess([
      'serve', `--web.listen-address=${address}`, `--web.config.file=${file}`, `--kafka.brokers=${site.brokers.join(',')}`,
      `--kafka.topic-prefix=${site.topicPrefix}`, `--kafka.group-id=${site.topicPrefix}group`,
    ])
    prometheus = await PrometheusServer.start(`scrape_configs:\n${names.map(name => jobOf(name, { address, folder: authority.folder })).join('')}`)
  })

  afterAll(async () => {
    await prometheus?.stop()
    replica?.signal('SIGTERM')
    await replica?.end
    authority?.remove()
  })

  it('has its page by HTTP/2 and HTTP/1.1 if it has a certificate and a password, and otherwise none', async () => {
    const up = async () => Object.fromEntries(await Promise.all(names.map(async name => [name, await prometheus.scalar(`up{job="${name}"}`)])))
    await expect.poll(up, UNDER_WAY).toEqual({ known: 1, http1: 1, 'no password': 0, 'no certificate': 0 })
    expect(await prometheus.scalar('count(discovery_cardinality_series{job="known"}) or count(process_cpu_seconds_total{job="known"})')).toBeGreaterThan(0)
    const { activeTargets } = await prometheus.get('targets') as { activeTargets: { scrapePool: string; lastError: string }[] }
    const errors = Object.fromEntries(activeTargets.map(({ scrapePool, lastError }) => [scrapePool, lastError]))
    expect(errors).toEqual({
      known: '', http1: '', 'no password': expect.stringContaining('401'), 'no certificate': expect.stringMatching(/tls|connection reset|broken pipe/),
    })
  })
})

function jobOf(name: Name, { address, folder }: { address: string; folder: string }): string {
  const certificate = name === 'no certificate' ? '' : `, cert_file: ${join(folder, 'scraper.crt')}, key_file: ${join(folder, 'scraper.key')}`
  const login = name === 'no password' ? '' : '    basic_auth: { username: prometheus, password: secret }\n'
  return `  - job_name: ${name}
    scheme: https
    scrape_interval: 1s
    enable_http2: ${name !== 'http1'}
    tls_config: { ca_file: ${join(folder, 'authority.crt')}${certificate} }
${login}    static_configs: [{ targets: ['${address}'] }]
`
}
