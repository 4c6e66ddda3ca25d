import { once } from 'node:events'
import { rmSync, symlinkSync, writeFileSync, mkdirSync, renameSync } from 'node:fs'
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { request, type RequestOptions } from 'node:https'
import { join } from 'node:path'
import { connect as tlsConnect, type SecureVersion } from 'node:tls'
import { hash } from '@node-rs/bcrypt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../../../broker/run.ts'
import { defaultPolicy } from '../../../src/core/policy.ts'
import { createApp } from '../../../src/http/app.ts'
import { createIntakeApp } from '../../../src/http/intake-app.ts'
import { listen, type WebServer } from '../../../src/http/listen.ts'
import { ProtocolServer } from '../../../src/http/server.ts'
import { WebConfigFile } from '../../../src/http/web-config/file.ts'
import { Authority, type Certificate } from '../../support/certificates.ts'
import { ensureTools } from '../../support/toolchain.ts'
import { until } from '../../support/until.ts'
import { lookup, shardOf, T0 } from '../../views/shards.ts'
import { liveMapOf } from '../../views/map-of.ts'
import { metricsOf } from '../serving.ts'

const fault = new Error('a cell cannot be read')
let authority: Authority
let server: Certificate
let scraper: Certificate
let stranger: Certificate
let foreign: Authority
let foreigner: Certificate
let password: string

beforeAll(async () => {
  await ensureTools(['openssl', 'promtool'])
  ;[authority, foreign] = await Promise.all([Authority.make(), Authority.make()])
  ;[server, scraper, stranger, foreigner, password] = await Promise.all([
    authority.issue({ name: 'server', names: ['DNS:localhost', 'IP:127.0.0.1'] }),
    authority.issue({ name: 'scraper', names: ['DNS:prometheus.example', 'IP:::1'] }),
    authority.issue({ name: 'stranger', names: ['DNS:stranger.example'] }),
    foreign.issue({ name: 'scraper', names: ['DNS:prometheus.example'] }),
    hash('secret', 4),
  ])
}, 600_000)

afterAll(() => {
  authority?.remove()
  foreign?.remove()
})

let count = 0
function configFile(text: string): string {
  const path = join(authority.folder, `web-${count++}.yml`)
  writeFileSync(path, text)
  return path
}

const tls = (more = '') => `tls_server_config: { cert_file: server.crt, key_file: server.key${more} }\n`

interface Running extends WebServer {
  path: string
  said: string[]
}

/** Serves a replica's app as a configuration says; the file may be changed. */
async function serve(text: string, page: () => Iterable<string> = () => ['up 1\n']): Promise<Running> {
  const path = configFile(text)
  const said: string[] = []
  const app = createApp({
    metrics: metricsOf(page), map: liveMapOf([shardOf([lookup({})])], T0), health: () => ({ healthy: true }),
    cardinality: { shards: () => [], budgets: defaultPolicy.budgets }, readiness: () => ({ ready: true, reasons: [] }), version: '1.2.3', onError: error => said.push(String(error)),
  })
  const running = await listen(app, { host: '127.0.0.1', port: 0 }, {
    config: new WebConfigFile(path), log: { info: line => said.push(line), error: ({ error }, line) => said.push(`${line}: ${String(error)}`) },
  })
  onTestFinished(() => running.close(0))
  return { ...running, path, said }
}

interface Answered {
  status: number
  headers: Readonly<Record<string, unknown>>
  body: string
}

/** By HTTP/1.1, on a connection of its own. */
async function ask({ url, path = '/-/healthy', ...options }: RequestOptions & { url: string }): Promise<Answered> {
  const asked = request(`${url}${path}`, { agent: false, ca: authority.root.cert, ...options }).end()
  const [answer] = await once(asked, 'response')
  let body = ''
  for await (const chunk of answer.setEncoding('utf8')) body += chunk
  return { status: answer.statusCode, headers: answer.headers, body }
}

async function statusOf(options: RequestOptions & { url: string }): Promise<number | string> {
  try {
    return (await ask(options)).status
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

const identity = ({ cert, key }: Certificate) => ({ cert, key })
const login = (name: string, word: string) => ({ auth: `${name}:${word}` })

/** By HTTP/2. */
function session(url: string): ClientHttp2Session {
  const opened = connect(url, { ca: authority.root.cert })
  opened.on('error', () => {})
  onTestFinished(() => opened.destroy())
  return opened
}

async function ask2(opened: ClientHttp2Session, path: string, { body, ...headers }: Record<string, string> = {}): Promise<Answered> {
  const stream = opened.request({ ':path': path, ...headers })
  stream.end(body)
  const [answer] = await once(stream, 'response') as [IncomingHttpHeaders & { ':status': number }]
  let read = ''
  for await (const chunk of stream.setEncoding('utf8')) read += chunk
  return { status: answer[':status'], headers: answer, body: read }
}

/** What a configuration asks of clients. */
const wanted = (type: string, more = '') => tls(`, client_auth_type: ${type}, client_ca_file: authority.crt${more}`)

/** The suite that is agreed on by that version of TLS; null: it is not spoken. */
const speaks = async (port: number, version: SecureVersion) => {
  const socket = tlsConnect({ host: '127.0.0.1', port, ca: authority.root.cert, minVersion: version, maxVersion: version })
  try {
    await once(socket, 'secureConnect')
    return socket.getCipher().standardName
  } catch {
    return null
  } finally {
    socket.destroy()
  }
}

const serialOf = async (port: number) => {
  const socket = tlsConnect({ host: '127.0.0.1', port, ca: authority.root.cert })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

const check = async (path: string) => (await runCommand('promtool', ['check', 'web-config', path], { timeoutMs: 20_000 })).code

describe('a web server', () => {
  it.each(['', tls(), `${tls()}http_server_config: { http2: false }\n`])('gives heads and requests so much time, and takes so many connections (%j)', text => {
    const config = new WebConfigFile(configFile(text)).current
    expect(new ProtocolServer(() => {}, config).server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 75_000, maxConnections: 4_096 })
  })
})

describe('a web server with users', () => {
  it('answers who knows a password, and nobody else, not even probes', async () => {
    const { url } = await serve(`${tls()}basic_auth_users: { ann: ${password} }\n`)
    const refused = await ask({ url })
    expect([refused.status, refused.headers['www-authenticate'], refused.headers['content-type']])
      .toEqual([401, 'Basic realm="discovery-metrics", charset="UTF-8"', 'application/problem+json; charset=utf-8'])
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'unauthorized', status: 401 })
    expect(await Promise.all(['/-/ready', '/metrics', '/', '/nowhere'].map(path => statusOf({ url, path })))).toEqual([401, 401, 401, 401])
    expect(await statusOf({ url, ...login('ann', 'wrong') })).toBe(401)
    expect(await statusOf({ url, ...login('eve', 'secret') })).toBe(401)
    expect(await ask({ url, path: '/metrics', ...login('ann', 'secret') })).toMatchObject({ status: 200, body: 'up 1\n' })
  })

  it('needs no TLS for it', async () => {
    const { url } = await serve(`basic_auth_users: { ann: ${password} }\n`)
    const headers = { Authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` }
    expect([(await fetch(`${url}/metrics`)).status, (await fetch(`${url}/metrics`, { headers })).status]).toEqual([401, 200])
  })

  it('takes events from them alone', async () => {
    const taken: string[] = []
    const app = createIntakeApp({
      take: body => { taken.push(body.toString()); return { accepted: 1, rejected: 0, faults: [] } }, count: () => {}, maxBodyBytes: 1_000, maxRequests: 1,
    })
    const config = new WebConfigFile(configFile(`${tls()}basic_auth_users: { ann: ${password} }\n`))
    const running = await listen(app, { host: '127.0.0.1', port: 0 }, { config })
    onTestFinished(() => running.close(0))
    const opened = session(running.url)
    const post = (authorization: string) => ask2(opened, '/v1/events', {
      ':method': 'POST', 'content-type': 'application/x-ndjson', authorization, body: '{}',
    })
    expect((await post('Basic eA==')).status).toBe(401)
    expect((await post(`Basic ${Buffer.from('ann:secret').toString('base64')}`)).status).toBe(202)
    expect(taken).toEqual(['{}'])
  })
})

describe('a web server with headers and a rate limit', () => {
  it('sends its headers with every answer, in place of ours', async () => {
    const { url } = await serve(`http_server_config: { headers: { X-Frame-Options: deny, Content-Security-Policy: "default-src 'self'" } }\n`)
    for (const path of ['/', '/metrics', '/nowhere']) {
      const { headers } = await fetch(url + path)
      expect([path, headers.get('x-frame-options'), headers.get('content-security-policy')]).toEqual([path, 'deny', "default-src 'self'"])
    }
  })

  it('tells who asks too often to come again', async () => {
    const { url } = await serve('rate_limit: { interval: 1h, burst: 2 }\n')
    const statuses = [await fetch(`${url}/metrics`), await fetch(`${url}/metrics`), await fetch(`${url}/metrics`)].map(({ status, headers }) =>
      [status, headers.get('retry-after')])
    expect(statuses).toEqual([[200, null], [200, null], [429, '1']])
  })
})

describe('a web server with client certificates', () => {
  const none = {}

  it.each([
    ['RequireAndVerifyClientCert', [expect.stringMatching(/CERTIFICATE_REQUIRED|ECONNRESET/), 200, expect.stringMatching(/ALERT|ECONNRESET/)]],
    ['VerifyClientCertIfGiven', [200, 200, 403]],
    ['RequireAnyClientCert', [403, 200, 200]],
    ['RequestClientCert', [200, 200, 200]],
  ])('that are asked for by %s lets in who has none, its own, a foreign one: %j', async (type, expected) => {
    const { url } = await serve(wanted(type))
    const identities = [none, identity(scraper), identity(foreigner)]
    expect(await Promise.all(identities.map(client => statusOf({ url, ...client })))).toEqual(expected)
  })

  it('may let in certain names only, whatever protocol they come by', async () => {
    for (const name of ['prometheus.example', '"::1"']) {
      const { url } = await serve(wanted('RequireAndVerifyClientCert', `, client_allowed_sans: [${name}]`))
      expect(await Promise.all([scraper, stranger].map(client => statusOf({ url, ...identity(client) })))).toEqual([200, 403])
      const opened = connect(url, { ca: authority.root.cert, ...identity(stranger) })
      onTestFinished(() => opened.destroy())
      expect(await ask2(opened, '/metrics')).toMatchObject({ status: 403, body: expect.stringContaining('"forbidden"') })
    }
  })
})

describe('a web server with TLS', () => {
  it('speaks the versions and suites that it is told', async () => {
    const newest = await serve(tls(', min_version: TLS13'))
    expect([await speaks(newest.port, 'TLSv1.2'), await speaks(newest.port, 'TLSv1.3')]).toEqual([null, expect.any(String)])
    const older = await serve(tls(', max_version: TLS12, cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256], curve_preferences: [CurveP384]'))
    expect([await speaks(older.port, 'TLSv1.2'), await speaks(older.port, 'TLSv1.3')]).toEqual(['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', null])
  })

  it('answers HTTP/2 as it answers HTTP/1.1', async () => {
    const { url, said } = await serve(tls())
    const opened = session(url)
    const paths = ['/metrics', '/metrics?scope=cluster', '/api', '/api/v1/graph', '/api/v1/services/shop/cart', '/', '/docs/metrics', '/nowhere', '/%E0', '/-/ready']
    for (const path of paths) {
      const [one, two] = [await ask({ url, path }), await ask2(opened, path)]
      expect([path, two.status, two.body]).toEqual([path, one.status, one.body])
      const kept = (headers: Answered['headers']) => ['content-type', 'content-security-policy', 'cache-control', 'vary'].map(name => headers[name])
      expect(kept(two.headers)).toEqual(kept(one.headers))
    }
    expect(await ask2(opened, '/metrics', { ':method': 'HEAD' })).toMatchObject({ status: 200, body: '' })
    expect(await ask2(opened, '/metrics', { ':method': 'POST', body: 'x' })).toMatchObject({ status: 413 })
    expect(await ask2(opened, '/metrics', { ':method': 'DELETE' })).toMatchObject({ status: 405 })
    expect((await ask2(opened, '/api/v1/graph', { 'accept-encoding': 'gzip' })).status).toBe(200)
    expect(said).toEqual([])
  })

  it('speaks HTTP/1.1 alone where HTTP/2 is not wanted', async () => {
    const { url, port } = await serve(`${tls()}http_server_config: { http2: false }\n`)
    const socket = tlsConnect({ host: '127.0.0.1', port, ca: authority.root.cert, ALPNProtocols: ['h2', 'http/1.1'] })
    await once(socket, 'secureConnect')
    expect(socket.alpnProtocol).toBe('http/1.1')
    socket.destroy()
    expect((await ask({ url })).status).toBe(200)
  })

  it('resets the HTTP/2 stream of a page that fails on the way, and no other', async () => {
    const { url, said } = await serve(tls(), function* () { yield 'up 1\n'; throw fault })
    const opened = session(url)
    const stream = opened.request({ ':path': '/metrics' })
    const [error] = await once(stream, 'error') as [NodeJS.ErrnoException]
    expect([error.code, stream.rstCode]).toEqual(['ERR_HTTP2_STREAM_ERROR', constants.NGHTTP2_INTERNAL_ERROR])
    expect(said).toEqual([String(fault)])
    expect((await ask2(opened, '/-/healthy')).status).toBe(200)
  })

  it('lets a client leave in the middle of a page without a word', async () => {
    let left: (() => void) | undefined
    const gone = new Promise<void>(resolve => { left = resolve })
    const { url, said } = await serve(tls(), function* () { try { for (;;) yield 'up 1\n'.repeat(1_000) } finally { left?.() } })
    const stream = session(url).request({ ':path': '/metrics' })
    await once(stream, 'data')
    stream.close(constants.NGHTTP2_CANCEL)
    await gone
    expect(said).toEqual([])
  })

  it('tells changes as they come by HTTP/2, too', async () => {
    const { url } = await serve(tls())
    const stream = session(url).request({ ':path': '/api/v1/graph/changes', accept: 'text/event-stream' })
    const [headers] = await once(stream, 'response') as [IncomingHttpHeaders]
    const [first] = await once(stream.setEncoding('utf8'), 'data') as [string]
    expect([headers['content-type'], first]).toEqual(['text/event-stream; charset=utf-8', 'retry: 2000\n\n'])
  })
})

describe('a web configuration file that changes', () => {
  it('is read anew: users, headers, and whom it lets in', async () => {
    const { url, path, said } = await serve(tls())
    expect(await statusOf({ url })).toBe(200)
    writeFileSync(path, `${tls(', client_auth_type: RequireAndVerifyClientCert, client_ca_file: authority.crt')}basic_auth_users: { ann: ${password} }\n`)
    await until(() => said.includes(`${path} was read anew`), { message: 'the file is read anew' })
    expect(await statusOf({ url, ...login('ann', 'secret') })).toMatch(/CERTIFICATE_REQUIRED|ECONNRESET/)
    expect(await statusOf({ url, ...identity(scraper), ...login('ann', 'secret') })).toBe(200)
    expect(await statusOf({ url, ...identity(scraper) })).toBe(401)
  })

  it('has its certificate exchanged as Kubernetes does, and ends connections that came before', async () => {
    const { cert, key } = await authority.issue({ name: 'renewed', names: ['IP:127.0.0.1'] })
    const mounted = join(authority.folder, 'mounted')
    for (const [name, pair] of [['old', server], ['new', { cert, key }]] as const) {
      mkdirSync(join(mounted, name), { recursive: true })
      writeFileSync(join(mounted, name, 'tls.crt'), pair.cert)
      writeFileSync(join(mounted, name, 'tls.key'), pair.key)
    }
    symlinkSync('old', join(mounted, '..data'))
    const { url, port } = await serve('tls_server_config: { cert_file: mounted/..data/tls.crt, key_file: mounted/..data/tls.key }\n')
    const opened = session(url)
    expect((await ask2(opened, '/-/healthy')).status).toBe(200)
    const ended = once(opened, 'close')
    const before = await serialOf(port)
    symlinkSync('new', join(mounted, '..next'))
    renameSync(join(mounted, '..next'), join(mounted, '..data'))
    await until(async () => (await serialOf(port)) !== before, { message: 'the new certificate is shown' })
    await ended
  })

  it('stays as it was while it cannot be used, which is told once', async () => {
    const { url, path, said } = await serve(`${tls()}basic_auth_users: { ann: ${password} }\n`)
    writeFileSync(path, 'tls_server_config: { cert_file: later.crt, key_file: later.key }\n')
    await until(() => said.length > 0, { message: 'the fault is told' })
    expect([await statusOf({ url }), await statusOf({ url, ...login('ann', 'secret') })]).toEqual([401, 200])
    // What mends it was not there to be looked at.
    writeFileSync(join(authority.folder, 'later.key'), server.key)
    writeFileSync(join(authority.folder, 'later.crt'), server.cert)
    await until(() => said.includes(`${path} was read anew`), { message: 'the file is read anew' })
    expect(said.filter(text => text.includes('cannot be used'))[0]).toMatch(/later.crt must be a readable file/)
    expect(said.filter(text => /later.crt must/.test(text))).toHaveLength(1)
    expect(await statusOf({ url })).toBe(200)
    writeFileSync(path, '')
    await until(() => said.some(text => text.includes('TLS cannot be switched')), { message: 'a restart is asked for' })
    expect(await statusOf({ url })).toBe(200)
    rmSync(path)
    await until(() => said.some(text => text.includes('ENOENT')), { message: 'its absence is told' })
    expect(await statusOf({ url })).toBe(200)
  })
})

describe('promtool', () => {
  // Debian 12's knows neither client_allowed_sans nor rate_limit, which came later.
  it('takes what we take, and refuses what we refuse', async () => {
    const good = `
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: authority.crt
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  curve_preferences: [X25519, CurveP256]
  prefer_server_cipher_suites: false
http_server_config: { http2: true, headers: { X-Frame-Options: deny, Strict-Transport-Security: max-age=60 } }
basic_auth_users: { ann: ${password} }
`
    const files = [good, tls(), '', `basic_auth_users: { ann: ${password} }`].map(configFile)
    expect(await Promise.all(files.map(check))).toEqual([0, 0, 0, 0])
    for (const file of files) expect(() => new WebConfigFile(file)).not.toThrow()
    const bad = [
      good.replace('server.key', 'scraper.key'), good.replace('TLS12', 'TLS9'), good.replace(password, 'plain'), good.replace('deny', 'perhaps'),
      good.replace('X25519', 'X1'), good.replace('RequireAndVerify', 'Perhaps'), `${good}\nmore: 1\n`, tls(', client_ca_file: authority.crt'),
    ].map(configFile)
    expect(await Promise.all(bad.map(check))).toEqual(bad.map(() => 1))
    for (const file of bad) expect(() => new WebConfigFile(file)).toThrow(/must be|there is no such key/)
  })
})
