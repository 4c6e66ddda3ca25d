import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../broker/ports.ts'
import { linesOf, runCommand, startCommand } from '../../commands/running.ts'
import { until } from '../../support/until.ts'
import { documentedGrants } from './documented.ts'
import { SecuredKafka, SESSION_MS, type Grant } from './secured-kafka.ts'
import { strangersToken } from './token-server.ts'

const mainFile = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
const lookup = '{"kind":"lookup","client":"backup","service":"cart","outcome":"SUCCESS"}\n'
const COUNTED = 'discovery_lookups_total'

/** What `serve` is left without, one after the other, and what it then says. */
const lacking: Readonly<Record<string, { lacks: Grant; says: RegExp }>> = {
  input: { lacks: { resource: 'topic:discovery.lookups.v1', operation: 'read' }, says: /missing topics: discovery.lookups.v1; .*or let this user describe them/ },
  dead: { lacks: { resource: 'topic:discovery.dead-letters.v1', operation: 'write' }, says: /missing topics: discovery.dead-letters.v1/ },
  fetch: {
    lacks: { resource: 'topic:discovery.checkpoints.v1', operation: 'read' }, says: /topic discovery.checkpoints.v1, partition \d cannot be fetched: TOPIC_AUTHORIZATION_FAILED/,
  },
  claim: {
    lacks: { resource: 'topic:discovery.checkpoints.v1', operation: 'write' },
    says: /its claim is not written yet: .*discovery.checkpoints.v1.*Not authorized to access topics/,
  },
  group: { lacks: { resource: 'group:discovery-metrics', operation: 'read' }, says: /group coordinator: it does not answer, or this user may not read the group/ },
}

class Serving {
  readonly url: string
  readonly child: ChildProcess
  readonly said: string[] = []

  static async start(flags: readonly string[]): Promise<Serving> {
    return new Serving(await freePort(), flags)
  }

  constructor(port: number, flags: readonly string[]) {
    this.url = `http://127.0.0.1:${port}`
    this.child = startCommand(['serve', `--web.listen-address=127.0.0.1:${port}`, ...flags])
    linesOf(this.child, line => this.said.push(line))
  }

  /** What it says of being ready, and its log. */
  async all(): Promise<string> {
    return `${await (await fetch(`${this.url}/-/ready`)).text()}\n${this.said.join('\n')}`
  }

  /** Of all partitions, whoever has them: another replica of the group may just have gone. */
  async counted(): Promise<number> {
    const page = await (await fetch(`${this.url}/metrics?scope=cluster&family[]=${COUNTED}`)).text()
    return [...page.matchAll(/^discovery_lookups_total\{.* (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM')
    await once(this.child, 'close')
  }
}

async function ingest(flags: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [mainFile, 'agent', 'ingest', '--agent.stop-timeout=5s', ...flags], { stdio: ['pipe', 'ignore', 'pipe'] })
  child.stdin.end(lookup)
  const [said] = await Promise.all([text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, said }
}

describe('a Kafka with TLS, logins and an authorizer', () => {
  let kafka: SecuredKafka
  let replica: Serving
  let started: number
  const without = (user: string): Grant[] =>
    documentedGrants('serve').filter(each => JSON.stringify(each) !== JSON.stringify(lacking[user]?.lacks))

  beforeAll(async () => {
    kafka = await SecuredKafka.start(['maker', 'replica', 'agent', 'checker', 'clerk', 'nobody', ...Object.keys(lacking)])
    await kafka.grant('maker', documentedGrants('topics'))
    await kafka.grant('agent', documentedGrants('agent'))
    await kafka.grant('replica', documentedGrants('serve'))
    await kafka.grant('checker', documentedGrants('verify'))
    await kafka.grant('clerk', documentedGrants('dead-letters'))
    const made = await runCommand(['topics', '--topics.partitions=2', '--topics.replication-factor=1', ...kafka.flags('maker', 'scram-sha-512')])
    if (made.code !== 0) throw new Error(`topics could not be made: ${made.stdout}${made.stderr}`)
    replica = await Serving.start(kafka.flags('replica', 'scram-sha-256'))
    started = performance.now()
    await until(async () => (await replica.all()).includes('"ready":true'), { timeoutMs: 30_000, message: 'the replica is ready' })
  }, 600_000)

  afterAll(async () => {
    await replica?.stop()
    await kafka?.stop()
  })

  it.each(['plain', 'scram-sha-256', 'scram-sha-512', 'token-file', 'token-url', 'certificate'] as const)('lets topics in by %s', async mechanism => {
    const { code, stdout, stderr } = await runCommand(['topics', '--check', ...kafka.flags('maker', mechanism)])
    expect([code, stderr, stdout]).toEqual([0, '', 'all topics are as they should be\n'])
  })

  it('has a token asked for by the client credentials grant, for its scope', async () => {
    await runCommand(['topics', '--check', ...kafka.flags('maker', 'token-url'), '--kafka.sasl.token-scope=kafka'])
    expect(kafka.tokens.requests.at(-1)).toBe('grant_type=client_credentials&scope=kafka')
  })

  it('takes events of an agent that has the documented rights, which the replica counts', async () => {
    const before = await replica.counted()
    expect(await ingest(kafka.flags('agent', 'token-url'))).toMatchObject({ code: 0 })
    await until(async () => await replica.counted() === before + 1, { message: 'the look-up is counted' })
  })

  it('refuses an agent without them, which says so', async () => {
    const { code, said } = await ingest(kafka.flags('nobody', 'scram-sha-256'))
    expect(code).toBe(1)
    expect(said).toMatch(/discovery.lookups.v1 refuses 1 events .*Topic authorization failed.*see to it and its ACLs/)
  })

  it.each(Object.entries(lacking))('keeps a replica from being ready that lacks a right (%s), and the replica says which', async (user, { says }) => {
    // In a group of its own, so that it does not take part in the other's.
    const group = (grant: Grant) => ({ ...grant, resource: grant.resource.replace('group:discovery-metrics', `group:${user}`) })
    await kafka.grant(user, without(user).map(group))
    const serving = await Serving.start([...kafka.flags(user, 'plain'), `--kafka.group-id=${user}`])
    try {
      expect(await until(async () => says.test(await serving.all()), { timeoutMs: 30_000, message: String(says) })).toBe(true)
      expect((await fetch(`${serving.url}/-/ready`)).status).toBe(503)
    } finally {
      await serving.stop()
    }
  })

  it('lets verify read', async () => {
    const checks = await runCommand(['verify', ...kafka.flags('checker', 'plain')])
    expect([checks.code, checks.stdout]).toEqual([0, expect.stringContaining('all is as the input gives it')])
    const none = await runCommand(['verify', ...kafka.flags('nobody', 'certificate')])
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/there is no topic .*may this user read it\?/)])
  })

  it('has what is no event set aside by the replica, and read by who may', async () => {
    await kafka.sendPlain('discovery.lookups.v1', 'no event')
    const asClerk = (...args: string[]) => runCommand(['dead-letters', ...args, ...kafka.flags('clerk', 'scram-sha-256')])
    await until(async () => (await asClerk('list')).code === 0, { timeoutMs: 30_000, message: 'the letter is there' })
    const refused = await runCommand(['dead-letters', 'list', ...kafka.flags('nobody', 'scram-sha-256')])
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/topic/)])
    const readOnly = await asClerk('replay', '--force')
    expect([readOnly.code, readOnly.stderr]).toEqual([1, expect.stringContaining('Not authorized to access topics')])
    await kafka.grant('clerk', [{ resource: 'topic:discovery.lookups.v1', operation: 'write' }])
    expect(await asClerk('replay', '--force')).toMatchObject({ code: 0 })
  })

  it('keeps from topics what it may not see, which topics says', async () => {
    const { code, stdout } = await runCommand(['topics', '--check', ...kafka.flags('nobody', 'plain')])
    expect([code, stdout]).toEqual([1, expect.stringContaining('or topics that User:nobody may not describe: these look missing, too')])
  })

  it('refuses who cannot log in, has no authority or no TLS, and each is told why', async () => {
    const flags = kafka.flags('maker', 'plain')
    const eve = flags.map(flag => (flag.includes('username') ? '--kafka.sasl.username=eve' : flag))
    const reasons = [
      [eve, /SASL PLAIN authentication failed: Authentication failed: Invalid username or password/],
      [[...eve, '--kafka.sasl.mechanism=scram-sha-512'], /SASL SCRAM SHA512 authentication failed: Authentication failed during authentication due to invalid credentials/],
      [flags.filter(flag => !flag.includes('ca-file')), /unable to verify the first certificate|self.signed certificate/],
      [flags.filter(flag => !flag.includes('.tls.')), /Closed connection/],
      [[...flags, '--kafka.tls.server-name=other.example'], /Hostname\/IP does not match certificate/],
      [[...kafka.flags('eve', 'token-url'), `--kafka.sasl.password-file=${kafka.authority.root.certFile}`], /no token could be had from .*: it answered 401/],
      [kafka.flags('maker', 'token-file', strangersToken('maker')), /SASL OAUTHBEARER authentication failed/],
    ] as const
    for (const [given, reason] of reasons) {
      const { code, stderr } = await runCommand(['topics', ...given])
      expect([code, stderr]).toEqual([1, expect.stringMatching(reason)])
    }
  })

  it('lets a replica in as soon as its file has the right password', async () => {
    const file = join(kafka.authority.folder, 'late')
    writeFileSync(file, 'wrong')
    const flags = kafka.flags('replica', 'scram-sha-512').map(flag => (flag.includes('password-file') ? `--kafka.sasl.password-file=${file}` : flag))
    const late = await Serving.start(flags)
    try {
      await until(async () => (await late.all()).includes('authentication failed'), { timeoutMs: 30_000, message: 'it is not let in' })
      writeFileSync(file, kafka.password)
      expect(await until(async () => (await late.all()).includes('"ready":true'), { timeoutMs: 30_000, message: 'it is let in' })).toBe(true)
    } finally {
      await late.stop()
    }
  })

  it('has its sessions authenticated anew before they end, also those that kafkajs knows nothing of', async () => {
    await until(() => performance.now() - started > SESSION_MS * 1.5, { timeoutMs: SESSION_MS * 2, message: 'the first sessions are over' })
    const before = await replica.counted()
    expect(await ingest(kafka.flags('agent', 'token-file'))).toMatchObject({ code: 0 })
    await until(async () => await replica.counted() === before + 1, { message: 'the look-up is counted' })
    // A broker that has just begun may still load the group.
    expect(replica.said.filter(line => /WARN|ERROR|FATAL/.test(line) && !line.includes('coordinator is loading'))).toEqual([])
  })
})
