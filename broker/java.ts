import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Availability, Broker, Way, WayContext } from './broker.ts'
import { BrokerError } from './errors.ts'
import { startGuard } from './guard.ts'
import type { Guard } from './guard.ts'
import { jarFolder, kafkaJars } from './kafka-artifacts.ts'
import { formatStorage, startKafka } from './kafka-process.ts'
import type { KafkaHome, KafkaProcess } from './kafka-process.ts'
import { freePort } from './ports.ts'
import type { Run } from './run.ts'
import { asProperties, commonSettings, kafkaVersion } from './settings.ts'

const VERSION_MS = 20_000
const OLDEST_JAVA = 17

/** Apache Kafka itself, from its Maven artifacts, as a process on loopback. */
export function javaWay(run: Run): Way {
  return {
    kind: 'java',
    available: ({ env }) => haveJava(env, run),
    open: (context) => openProcess(run, context),
  }
}

async function haveJava(env: NodeJS.ProcessEnv, run: Run): Promise<Availability> {
  const { code, output } = await run(javaCommand(env), ['-version'], { timeoutMs: VERSION_MS })
  const version = Number(/version "(\d+)/.exec(output)?.[1])
  if (code !== 0 || Number.isNaN(version)) return { available: false, reason: 'there is no java: install Java 17 or newer' }
  if (version < OLDEST_JAVA) return { available: false, reason: `java is version ${version}: install Java 17 or newer, or set JAVA_HOME to it` }
  if (!existsSync(jarFolder(env)) && (await run('mvn', ['--version'], { timeoutMs: VERSION_MS })).code !== 0) {
    return { available: false, reason: 'there is no mvn, to fetch Kafka with: install Maven' }
  }
  return { available: true, detail: `Kafka ${kafkaVersion} on Java ${version}` }
}

function javaCommand(env: NodeJS.ProcessEnv): string {
  const home = env['JAVA_HOME'] ?? ''
  return home === '' ? 'java' : join(home, 'bin', 'java')
}

/** What a broker listens on beside loopback's plain address, and what it asks there. */
export interface Security {
  /** Security protocols of Kafka by the listeners' names. */
  readonly listeners: Readonly<Record<string, string>>
  /** More of `server.properties`. */
  readonly settings: Readonly<Record<string, string>>
  /** Java's system properties. */
  readonly properties: Readonly<Record<string, string>>
  /** Of SCRAM: `SCRAM-SHA-256=[name=ann,password=…]`. */
  readonly scram: readonly string[]
}

export interface SecuredBroker extends Broker {
  /** `host:port` by the listeners' names. */
  readonly addresses: Readonly<Record<string, string>>
}

const open: Security = { listeners: {}, settings: {}, properties: {}, scram: [] }

/** A broker as a Java process that asks who its clients are. */
export function securedBroker(run: Run, context: WayContext, security: Security): Promise<SecuredBroker> {
  return openProcess(run, context, security)
}

async function openProcess(run: Run, context: WayContext, security: Security = open): Promise<SecuredBroker> {
  const jars = await kafkaJars({ ...context, run })
  context.onProgress(`java: starting Kafka ${kafkaVersion}`)
  const folder = await mkdtemp(join(tmpdir(), 'discovery-metrics-kafka-'))
  const guard = startGuard()
  guard.guard(`folder ${folder}`)
  try {
    const home: KafkaHome = { java: javaCommand(context.env), jars, folder, properties: security.properties }
    const addresses = await addressesOf(Object.keys(security.listeners))
    const address = await prepare(home, addresses, security)
    await formatStorage(home, { clusterId: randomBytes(16).toString('base64url'), scram: security.scram }, run)
    return { ...await processBroker(home, address, guard), addresses }
  } catch (error) {
    guard.abandon()
    throw error
  }
}

async function addressesOf(names: readonly string[]): Promise<Record<string, string>> {
  const addresses: Record<string, string> = {}
  for (const name of names) addresses[name] = `127.0.0.1:${await freePort()}`
  return addresses
}

/** Writes the settings; returns the address for clients. */
async function prepare({ folder }: KafkaHome, addresses: Readonly<Record<string, string>>, { listeners, settings }: Security): Promise<string> {
  const address = `127.0.0.1:${await freePort()}`
  const more = Object.entries(addresses).map(([name, at]) => `,${name}://${at}`).join('')
  const controller = `127.0.0.1:${await freePort()}`
  await mkdir(join(folder, 'tmp'))
  await writeFile(join(folder, 'log4j2.properties'), logging)
  await writeFile(
    join(folder, 'server.properties'),
    asProperties({
      ...commonSettings,
      listeners: `CLIENT://${address},CONTROLLER://${controller}${more}`,
      'advertised.listeners': `CLIENT://${address}${more}`,
      'listener.security.protocol.map': ['CLIENT:PLAINTEXT', 'CONTROLLER:PLAINTEXT', ...Object.entries(listeners).map(pair => pair.join(':'))].join(','),
      'inter.broker.listener.name': 'CLIENT',
      'controller.quorum.voters': `1@${controller}`,
      'log.dirs': join(folder, 'data'),
      ...settings,
    }),
  )
  return address
}

/** Warnings, and the one line that says that the broker is up (kafka-process.ts waits for it). */
const logging = asProperties({
  'appender.console.type': 'Console',
  'appender.console.name': 'console',
  'appender.console.layout.type': 'PatternLayout',
  'appender.console.layout.pattern': '%d %p %m (%c)%n',
  'rootLogger.level': 'warn',
  'rootLogger.appenderRef.console.ref': 'console',
  'logger.server.name': 'kafka.server.KafkaRaftServer',
  'logger.server.level': 'info',
})

async function processBroker(home: KafkaHome, address: string, guard: Guard): Promise<Broker> {
  let kafka: KafkaProcess | undefined = await startKafka(home, guard)
  const running = () => {
    if (kafka !== undefined) return kafka
    throw new BrokerError('WRONG_STATE', `the broker at ${address} is not running: start() it first`)
  }
  const kill = async (): Promise<void> => {
    await running().kill()
    kafka = undefined
  }
  return {
    kind: 'java',
    brokers: [address],
    kill,
    async start() {
      if (kafka !== undefined) throw new BrokerError('WRONG_STATE', `the broker at ${address} runs already: kill() it first`)
      kafka = await startKafka(home, guard)
    },
    async pause() {
      await running().pause()
    },
    resume: () => {
      running().resume()
      return Promise.resolve()
    },
    async stop() {
      // Its data goes with it, so there is nothing that a slower end would save.
      if (kafka !== undefined) await kill()
      await rm(home.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
      guard.release()
    },
  }
}
