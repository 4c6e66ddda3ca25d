import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { readServeOptions, serveOptions } from '../src/commands/serve.ts'
import { readTopicsOptions, topicsOptions } from '../src/commands/topics.ts'
import { addOptions, ConfigError, duration, variableOf } from '../src/config.ts'
import { WebConfigFile } from '../src/http/web-config/file.ts'
import { NamedFile } from '../src/kafka/named-file.ts'
import { version } from '../src/version.ts'
import { runCommand, type Ended } from './commands/running.ts'

const folder = mkdtempSync(join(tmpdir(), 'discovery-metrics-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

type Flag = keyof typeof serveOptions | keyof typeof topicsOptions

/** For every option a text that is not its default, and the value that it stands for. */
const samples: Record<Flag, [text: string, value: unknown]> = {
  'kafka.brokers': ['a:1, [::1]:2,', ['a:1', '[::1]:2']],
  'kafka.client-id': ['me', 'me'],
  'kafka.group-id': ['us', 'us'],
  'kafka.topic-prefix': ['eu.', 'eu.'],
  'kafka.checkpoint-topic': ['second', 'second'],
  'kafka.session-timeout': ['1m30s', 90_000],
  'kafka.tls.enabled': ['true', true],
  'kafka.tls.ca-file': [file('ca', 'CA\n'), new NamedFile(join(folder, 'ca'))],
  'kafka.tls.cert-file': [file('cert', 'CERT\n'), new NamedFile(join(folder, 'cert'))],
  'kafka.tls.key-file': [file('key', 'KEY\n'), new NamedFile(join(folder, 'key'))],
  'kafka.tls.server-name': ['kafka.example', 'kafka.example'],
  'kafka.sasl.mechanism': ['scram-sha-512', 'scram-sha-512'],
  'kafka.sasl.username': ['ann', 'ann'],
  'kafka.sasl.password-file': [file('password', 'p w\n'), new NamedFile(join(folder, 'password'))],
  'kafka.sasl.token-file': [file('token', 'abc\n'), new NamedFile(join(folder, 'token'))],
  'kafka.sasl.token-url': ['https://sso.example/token', 'https://sso.example/token'],
  'kafka.sasl.token-scope': ['kafka', 'kafka'],
  'checkpoint.interval': ['250ms', 250],
  'policy.file': ['policy.yaml', 'policy.yaml'],
  'dead-letters.rate': ['7', 7],
  'schema-registry.url': ['https://registry:8081/', 'https://registry:8081/'],
  'schema-registry.username': ['bob', 'bob'],
  'schema-registry.password-file': [file('registry-password', 'r w\n'), new NamedFile(join(folder, 'registry-password'))],
  'schema-registry.ca-file': [file('registry-ca', 'RCA\n'), 'RCA'],
  'schema-registry.cert-file': [file('registry-cert', 'RCERT\n'), 'RCERT'],
  'schema-registry.key-file': [file('registry-key', 'RKEY\n'), 'RKEY'],
  'web.listen-address': ['[::1]:80', { host: '::1', port: 80 }],
  'web.config.file': [file('web.yml', ''), new WebConfigFile(join(folder, 'web.yml'))],
  'log.level': ['debug', 'debug'],
  'log.format': ['json', 'json'],
  'topics.partitions': ['16', 16],
  'topics.replication-factor': ['3', 3],
  check: ['true', true],
}

/** What an option needs beside it, and what needs it. */
const company: Partial<Record<Flag, Flag[]>> = {
  'kafka.tls.ca-file': ['kafka.tls.enabled'],
  'kafka.tls.server-name': ['kafka.tls.enabled'],
  'kafka.tls.cert-file': ['kafka.tls.enabled', 'kafka.tls.key-file'],
  'kafka.tls.key-file': ['kafka.tls.enabled', 'kafka.tls.cert-file'],
  'kafka.sasl.mechanism': ['kafka.sasl.username', 'kafka.sasl.password-file'],
  'kafka.sasl.username': ['kafka.sasl.mechanism', 'kafka.sasl.password-file'],
  'kafka.sasl.password-file': ['kafka.sasl.mechanism', 'kafka.sasl.username'],
  'schema-registry.username': ['schema-registry.url', 'schema-registry.password-file'],
  'schema-registry.password-file': ['schema-registry.url', 'schema-registry.username'],
  'schema-registry.ca-file': ['schema-registry.url'],
  'schema-registry.cert-file': ['schema-registry.url', 'schema-registry.key-file'],
  'schema-registry.key-file': ['schema-registry.url', 'schema-registry.cert-file'],
}

/** Options that are of no use beside those of {@link samples}. */
const oauth = ['--kafka.sasl.mechanism=oauthbearer', '--kafka.sasl.username=ann', `--kafka.sasl.password-file=${join(folder, 'password')}`]
const insteadOf: Partial<Record<Flag, string[]>> = {
  'kafka.sasl.token-file': ['--kafka.sasl.mechanism=oauthbearer'],
  'kafka.sasl.token-url': oauth,
  'kafka.sasl.token-scope': [...oauth, '--kafka.sasl.token-url=https://sso.example/token'],
}

const flags = Object.keys(samples) as Flag[]
const textOf = (flag: Flag): string => samples[flag][0]

function read(name: 'serve' | 'topics', ...args: string[]): Readonly<Record<string, unknown>> {
  const command = addOptions(new Command(name), name === 'serve' ? serveOptions : topicsOptions).exitOverride()
  command.parse(args, { from: 'user' })
  return name === 'serve' ? readServeOptions(command) : readTopicsOptions(command)
}

/** Options by the command that has them. */
function readOf(flag: Flag, ...args: string[]): Readonly<Record<string, unknown>> {
  const beside = (company[flag] ?? []).map(other => `--${other}=${textOf(other)}`)
  return read(flag in serveOptions ? 'serve' : 'topics', ...beside, ...(insteadOf[flag] ?? []), ...args)
}

function faultsOf(...args: string[]): readonly string[] {
  try {
    read('serve', ...args)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

describe('every option', () => {
  it('is one that the samples know, so that nothing below is left out', () => {
    expect(flags.toSorted()).toEqual([...new Set([...Object.keys(serveOptions), ...Object.keys(topicsOptions)])].toSorted())
  })

  it.each(flags)('--%s is a flag', flag => {
    expect(readOf(flag, `--${flag}=${textOf(flag)}`)[flag]).toEqual(samples[flag][1])
    expect(readOf(flag, `--${flag}`, textOf(flag))[flag]).toEqual(samples[flag][1])
  })

  it.each(flags.filter(flag => flag !== 'check'))('--%s is an environment variable of the same words, which the flag beats', flag => {
    vi.stubEnv(String(variableOf(flag)), textOf(flag))
    expect(readOf(flag)[flag]).toEqual(samples[flag][1])

    vi.stubEnv(String(variableOf(flag)), '% another')
    expect(readOf(flag, `--${flag}=${textOf(flag)}`)[flag]).toEqual(samples[flag][1])
  })

  it('that is about a single call has no variable, lest one of another tool is taken for it', () => {
    vi.stubEnv('CHECK', 'true')
    expect(readOf('check').check).toBe(false)
  })

  it('has its variable in capitals, with underscores for dots and dashes', () => {
    expect(['kafka.brokers', 'web.listen-address', 'kafka.sasl.password-file'].map(variableOf))
      .toEqual(['KAFKA_BROKERS', 'WEB_LISTEN_ADDRESS', 'KAFKA_SASL_PASSWORD_FILE'])
  })

  it('has a default that it takes itself', () => {
    expect(read('serve')).toMatchObject({
      'kafka.brokers': ['localhost:9092'], 'kafka.group-id': 'discovery-metrics', 'kafka.topic-prefix': '', 'kafka.session-timeout': 6_000,
      'kafka.tls.enabled': false, 'web.listen-address': { host: undefined, port: 9464 }, 'log.level': 'info', 'log.format': 'text',
    })
    expect(read('topics')).toMatchObject({ 'topics.partitions': null, 'topics.replication-factor': null, check: false })
  })

  it('that is true or false needs no value to be true', () => {
    expect(read('topics', '--check')['check']).toBe(true)
    expect(read('topics', '--check=false')['check']).toBe(false)
    expect(read('serve', '--kafka.tls.enabled')['kafka.tls.enabled']).toBe(true)
  })
})

describe('a wrong configuration', () => {
  it('is told with all its faults at once', () => {
    const faults = faultsOf(
      '--nope', '--kafka.brokers=foo', '--log.level=loud', 'extra', '--web.listen-address=9464', '--kafka.sasl.username=ann',
      '--kafka.topic-prefix',
    )
    expect(faults).toEqual([
      '--nope: no such option or argument, see discovery-metrics serve --help',
      'extra: no such option or argument, see discovery-metrics serve --help',
      "--kafka.brokers (KAFKA_BROKERS): must be host:port, separated by commas, not 'foo'",
      '--kafka.topic-prefix (KAFKA_TOPIC_PREFIX): needs a value',
      "--web.listen-address (WEB_LISTEN_ADDRESS): must be [host]:port, not '9464'",
      "--log.level (LOG_LEVEL): must be one of debug, info, warn, error, not 'loud'",
      '--kafka.sasl.username needs --kafka.sasl.mechanism',
    ])
  })

  it('may lack a value before another option, which stays an option', () => {
    expect(faultsOf('--kafka.group-id', '--log.level=loud')).toEqual([
      '--kafka.group-id (KAFKA_GROUP_ID): needs a value', expect.stringContaining('--log.level'),
    ])
  })

  it('has no fault twice: what is wrong by itself is not compared with others', () => {
    expect(faultsOf('--kafka.sasl.mechanism=magic', '--kafka.sasl.username=ann')).toHaveLength(1)
  })

  it.each([
    [['--kafka.sasl.mechanism=plain'], ['username', 'password-file'].map(what => `--kafka.sasl.mechanism needs --kafka.sasl.${what}`)],
    [[`--kafka.sasl.password-file=${textOf('kafka.sasl.password-file')}`], ['--kafka.sasl.password-file needs --kafka.sasl.mechanism']],
    [
      ['--kafka.tls.enabled', `--kafka.tls.cert-file=${textOf('kafka.tls.cert-file')}`],
      ['--kafka.tls.cert-file and --kafka.tls.key-file go together'],
    ],
    [[`--kafka.tls.ca-file=${textOf('kafka.tls.ca-file')}`], ['--kafka.tls.ca-file needs --kafka.tls.enabled']],
    [['--kafka.sasl.mechanism=oauthbearer'], ['--kafka.sasl.mechanism=oauthbearer needs either --kafka.sasl.token-file or --kafka.sasl.token-url']],
    [
      ['--kafka.sasl.mechanism=oauthbearer', '--kafka.sasl.token-url=https://sso.example'],
      ['username', 'password-file'].map(what => `--kafka.sasl.token-url needs --kafka.sasl.${what}`),
    ],
    [[...oauth, '--kafka.sasl.token-url=https://a:b@sso.example'],
      ["--kafka.sasl.token-url (KAFKA_SASL_TOKEN_URL): must hold no password: give --kafka.sasl.password-file"]],
    [[`--kafka.sasl.token-file=${textOf('kafka.sasl.token-file')}`], ['--kafka.sasl.token-file needs --kafka.sasl.mechanism=oauthbearer']],
    [['--kafka.tls.server-name=x'], ['--kafka.tls.server-name needs --kafka.tls.enabled']],
  ])('is one whose options do not go together: %j', (args, faults) => {
    expect(faultsOf(...args)).toEqual(faults)
  })

  it.each([
    '--kafka.brokers=', '--kafka.brokers=host', '--kafka.brokers=host:', '--kafka.brokers=host:0', '--kafka.brokers=host:65536',
    '--kafka.brokers=a:1;b:2', '--kafka.group-id=', '--kafka.topic-prefix=a b', '--kafka.checkpoint-topic=é',
    '--kafka.session-timeout=6', '--kafka.session-timeout=0s',
    '--kafka.session-timeout=31m', '--kafka.session-timeout=-6s', '--kafka.tls.enabled=yes', '--schema-registry.url=registry:8081',
    '--web.listen-address=:65536', '--web.listen-address=localhost', '--log.format=xml',
  ])('%s', arg => {
    expect(faultsOf(arg)).toHaveLength(1)
  })

  it.each([
    '--topics.partitions=0', '--topics.partitions=4.5', '--topics.partitions=0x4', '--topics.partitions=10001',
    '--topics.replication-factor=', '--check=1',
  ])('%s', arg => {
    expect(() => read('topics', arg)).toThrow(ConfigError)
  })
})

describe('a secret', () => {
  it('comes from a file, without the line end that editors leave', () => {
    const options = readOf('kafka.sasl.password-file', `--kafka.sasl.password-file=${textOf('kafka.sasl.password-file')}`)
    expect((options['kafka.sasl.password-file'] as NamedFile).read()).toBe('p w')
  })

  it('is read anew whenever it is asked for', () => {
    const secret = new NamedFile(file('exchanged', 'before'))
    file('exchanged', 'after\n')
    expect(secret.read()).toBe('after')
    rmSync(join(folder, 'exchanged'))
    expect(() => secret.read()).toThrow('must be a readable file')
  })

  it('is a fault where its file is not there or empty, and the fault names the file', () => {
    const absent = join(folder, 'absent')
    expect(faultsOf(`--kafka.sasl.password-file=${absent}`)).toEqual([
      `--kafka.sasl.password-file (KAFKA_SASL_PASSWORD_FILE): must be a readable file, not '${absent}'`,
    ])
    const empty = faultsOf(`--kafka.tls.key-file=${file('empty', '\n')}`)
    expect(empty).toEqual([expect.stringContaining('must be a file with something in it')])
  })
})

describe('a duration', () => {
  it.each([['500ms', 500], ['6s', 6_000], ['1m30s', 90_000], ['1h', 3_600_000], ['0s', 0]])('%s is %d milliseconds', (text, expected) => {
    expect(duration(text)).toBe(expected)
  })

  it.each(['', '6', 's', '6 s', '1.5s', '-1s', '6sec', 'm1'])('is not %j', text => {
    expect(() => duration(text)).toThrow("must be a duration such as '500ms', '6s' or '1m30s'")
  })
})

function words(text = ''): string {
  return text.replaceAll(/\s+/g, ' ')
}

function helpOf(flag: string): RegExp {
  return new RegExp(`--${flag} [<[].*${flag === 'check' ? 'preset: "true"' : `env: ${variableOf(flag)}`}\\)`)
}

describe('the executable', () => {
  let ended: Ended[]
  beforeAll(async () => {
    const calls = [
      ['serve', '--nope', '--kafka.brokers=foo'], ['topics', '--topics.partitions=none'], ['frob'],
      ['--version'], ['--help'], ['serve', '--help'], ['topics', '--help'],
    ]
    ended = await Promise.all(calls.map(args => runCommand(args)))
  }, 30_000)

  it('ends with 2 where it is misused, and says how on standard error', () => {
    const [serve, topics, unknown] = ended
    expect([serve, topics, unknown].map(each => [each?.code, each?.stdout])).toEqual([[2, ''], [2, ''], [2, '']])
    expect(serve?.stderr).toBe([
      'these are wrong with the configuration:',
      '  --nope: no such option or argument, see discovery-metrics serve --help',
      "  --kafka.brokers (KAFKA_BROKERS): must be host:port, separated by commas, not 'foo'\n",
    ].join('\n'))
    expect(topics?.stderr).toContain('this is wrong with the configuration:')
    expect(topics?.stderr).toContain("  --topics.partitions (TOPICS_PARTITIONS): must be a whole number, 1 to 10000, not 'none'\n")
    expect(unknown?.stderr).toContain("unknown command 'frob'")
  })

  it('tells its version and ends with 0', () => {
    expect([ended[3]?.code, ended[3]?.stdout]).toEqual([0, `${version}\n`])
  })

  it('tells its commands, and each command its options with their variables, and ends with 0', () => {
    const [, , , , help, serve, topics] = ended
    expect([help?.code, serve?.code, topics?.code]).toEqual([0, 0, 0])
    expect(help?.stdout).toMatch(/serve.*\n\s*topics/)
    for (const flag of Object.keys(serveOptions)) expect(words(serve?.stdout)).toMatch(helpOf(flag))
    for (const flag of Object.keys(topicsOptions)) expect(words(topics?.stdout)).toMatch(helpOf(flag))
  })
})
