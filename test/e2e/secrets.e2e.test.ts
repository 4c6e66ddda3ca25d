import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { hash } from '@node-rs/bcrypt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../broker/ports.ts'
import { linesOf, startCommand } from '../commands/running.ts'
import { Authority } from '../support/certificates.ts'
import { sharedBroker } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'

/** Lines of a stack, and of our own source with a column. */
const STACK = /^\s*at .*:\d+|node_modules|node:internal|\.[tj]s:\d+:\d+/m
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']
const paths = [
  '/', '/metrics', '/metrics?scope=x', '/metrics?family[]=x', '/metrics?__proto__=1&constructor=1', '/api', '/api/v1/graph?depth=-1', '/api/v1/graph?service=%00',
  '/api/v1/services/%E0%A4%A/x', '/api/v1/services/a/b', '/api/v1/graph/diff?from=never', '/api/v1/graph/changes?since=x', '/..%2f..%2fetc/passwd',
  '/page/../../../etc/passwd', '/page/x/main.js', '/-/ready', '/%', '//', `/${'a'.repeat(8_000)}`, `/metrics?${'a=1&'.repeat(2_000)}`,
]
const raw = [
  'GET / HTTP/1.1\r\n\r\n', 'nonsense\r\n\r\n', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
  'POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n', 'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n',
]

const login = (word: string) => ({ Authorization: `Basic ${Buffer.from(`ann:${word}`).toString('base64')}` })

describe('a process that is given secrets', () => {
  const secrets = { kafka: 'kafka-pass-8c1d', web: 'web-pass-77aa', guess: 'guess-4c4c4c', hash: '', key: '' }
  let authority: Authority
  let port: number
  let child: ReturnType<typeof startCommand>
  const said: string[] = []
  const answers: string[] = []

  beforeAll(async () => {
    authority = await Authority.make()
    const { key } = await authority.issue({ name: 'server', names: ['IP:127.0.0.1'] })
    secrets.hash = await hash(secrets.web, 4)
    secrets.key = key.split('\n')[1] ?? key
    writeFileSync(join(authority.folder, 'password'), secrets.kafka)
    writeFileSync(join(authority.folder, 'web.yml'), `basic_auth_users: { ann: ${secrets.hash} }\n`)
    port = await freePort()
    // SASL on a listener without: every connection fails.
    child = startCommand([
      'serve', `--web.listen-address=127.0.0.1:${port}`, `--web.config.file=${join(authority.folder, 'web.yml')}`, '--log.level=debug', '--log.format=json',
      `--kafka.brokers=${sharedBroker().brokers.join(',')}`, '--kafka.sasl.mechanism=plain', '--kafka.sasl.username=ann',
      `--kafka.sasl.password-file=${join(authority.folder, 'password')}`,
    ])
    linesOf(child, line => said.push(line))
    child.stdout?.on('data', (bytes: Buffer) => said.push(bytes.toString()))
    await until(async () => (await fetch(`http://127.0.0.1:${port}/`)).status === 401, { message: 'it answers' })
  })

  afterAll(async () => {
    child?.kill('SIGKILL')
    authority?.remove()
  })

  const ask = async (path: string, init: RequestInit): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, signal: AbortSignal.timeout(10_000) })
    answers.push(`${init.method} ${path} ${answer.status}\n${[...answer.headers].join('\n')}\n${await answer.text()}`)
  }
  const say = (text: string): Promise<void> => new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => { socket.end(text) })
    let answer = ''
    socket.on('data', bytes => { answer += bytes.toString() }).on('error', () => {}).on('close', () => { answers.push(answer); resolve() })
  })

  it('tells none of them, and no stack, in any answer or line, whatever goes wrong', async () => {
    for (const path of paths) {
      for (const method of methods.filter(each => each !== 'TRACE')) {
        await ask(path, { method, headers: login(secrets.web), ...(/P/.test(method) && method !== 'OPTIONS' ? { body: 'x' } : {}) })
      }
      await ask(path, { method: 'GET', headers: login(secrets.guess) })
    }
    for (const text of raw) await say(text)
    writeFileSync(join(authority.folder, 'web.yml'), `tls_server_config: { key: "${secrets.key}", cert: ${secrets.key} }\nbasic_auth_users: { ann: ${secrets.web} }\n`)
    await until(() => said.some(line => line.includes('cannot be used')), { message: 'the fault of the file is told' })
    writeFileSync(join(authority.folder, 'web.yml'), `basic_auth_users: { ann: "${secrets.web}\n`)
    await until(() => said.filter(line => line.includes('cannot be used')).length > 1, { message: 'that it is no YAML is told' })
    await until(() => said.some(line => line.includes('Kafka cannot be used')), { message: 'Kafka’s refusal is told' })

    const statuses = new Set(answers.map(answer => /^\w+ \S+ (\d+)/.exec(answer)?.[1] ?? /^HTTP\/1.1 (\d+)/.exec(answer)?.[1]))
    expect([...statuses]).toEqual(expect.arrayContaining(['200', '400', '401', '404', '405', '413', '431', '503']))
    const all = [...answers, ...said]
    for (const secret of Object.values(secrets)) expect(all.filter(text => text.includes(secret))).toEqual([])
    const encoded = Object.values(secrets).flatMap(secret => [Buffer.from(secret).toString('base64').replace(/=+$/, ''), encodeURIComponent(secret)])
    for (const secret of encoded) expect(all.filter(text => text.includes(secret))).toEqual([])
    expect(answers.filter(text => STACK.test(text))).toEqual([])
    expect(said.filter(text => STACK.test(text) || text.includes('"stack"') || /\\n\s+at /.test(text))).toEqual([])
  })
})
