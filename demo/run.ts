import { setTimeout as pause } from 'node:timers/promises'
import { findBroker } from '../broker/find.ts'
import { startGuard } from '../broker/guard.ts'
import { topicNames } from '../src/contract/topics.ts'
import { drained, scrapeAll } from './drain.ts'
import { DemoError } from './errors.ts'
import { demoKafka } from './kafka.ts'
import { total, type Tallies } from './ledger.ts'
import { startLiveShop, type LiveShop } from './live.ts'
import type { DemoOptions } from './options.ts'
import type { Progress } from './progress.ts'
import { checkPorts, groupIdOf, makeTopics, Replica, whenReady, type CommandContext } from './replicas.ts'

const READY_MILLIS = 60_000
const DRAIN_MILLIS = 30_000
const STATUS_MILLIS = 1_000

export interface RunContext {
  progress: Progress
  /** Aborted by Ctrl-C, with the error to end with where there is nothing to compare yet. */
  signal: AbortSignal
  /** The demo's own, so that it meets no one else's topics on a broker that is not its own. */
  topicPrefix: string
  /** A folder for what the replicas write. */
  logFolder: string
}

/** What the demo has come to. */
export interface Outcome {
  recorded: Tallies
  counted: Tallies
}

type Undo = (() => Promise<unknown>)[]

/** The whole demo, from the broker's start to its stop. Rejects with a DemoError or a BrokerError. */
export async function runDemo(options: DemoOptions, context: RunContext): Promise<Outcome> {
  const undo: Undo = []
  try {
    await checkPorts(options.ports)
    const commands = await startBroker(context, undo)
    const replicas = await startReplicas(options.ports, { ...context, commands, undo })
    const shop = await openShop(options, { ...context, commands, undo })
    await watch(shop, replicas, { ...context, millis: options.duration })
    return await settle(shop, replicas, context)
  } finally {
    context.progress.step('Stopping …')
    for (const stop of undo.toReversed()) await stop().catch((error: unknown) => context.progress.step(`  not stopped cleanly: ${String(error)}`))
  }
}

async function startBroker({ progress, topicPrefix, logFolder, signal }: RunContext, undo: Undo): Promise<CommandContext> {
  progress.step('Starting a Kafka broker …')
  const broker = await findBroker({ onProgress: text => progress.step(`  ${text}`) })
  undo.push(() => broker.stop())
  signal.throwIfAborted()
  progress.step(`  ${broker.kind} broker at ${broker.brokers.join(', ')}`)
  const commands = { brokers: broker.brokers, topicPrefix, logFolder }
  if (broker.kind === 'external') undo.push(() => removeTopics(commands))
  await makeTopics(commands)
  progress.step(`  topics ${topicPrefix}discovery.*, four partitions each`)
  signal.throwIfAborted()
  return commands
}

interface Started extends RunContext {
  commands: CommandContext
  undo: Undo
}

async function startReplicas(ports: readonly number[], { progress, commands, undo, signal }: Started): Promise<Replica[]> {
  progress.step(`Starting ${ports.length} replicas, which log to ${commands.logFolder} …`)
  const guard = startGuard()
  undo.push(() => Promise.resolve(guard.release()))
  const replicas = ports.map(port => new Replica(port, commands))
  for (const { pid } of replicas) if (pid !== undefined) guard.guard(`pid ${pid}`)
  undo.push(() => Promise.all(replicas.map(replica => replica.stop())))
  await whenReady(replicas, { millis: READY_MILLIS, logFolder: commands.logFolder, signal })
  for (const { url } of replicas) progress.step(`  ${url}/metrics   ${url}/api/v1/graph   ${url}/api/v1/services`)
  return replicas
}

async function openShop({ seed, rate, duration }: DemoOptions, { progress, commands, undo }: Started): Promise<LiveShop> {
  progress.step('Opening the shop …')
  const { topicPrefix } = commands
  const shop = await startLiveShop({ kafka: demoKafka(commands.brokers), topicPrefix, seed, rate, tell: text => progress.step(`  ${text}`) })
  undo.push(() => shop.stop())
  progress.step(`  ${shop.services.length} services and their agents are up, their DNS server is ${shop.dnsAddress}`)
  progress.step(`Running ${duration === null ? 'until Ctrl-C' : `for ${duration / 1_000} s or until Ctrl-C`}.`)
  return shop
}

/** Shows how it goes until the time is over or Ctrl-C is pressed. Rejects with `REPLICA_DIED`. */
async function watch(
  shop: LiveShop, replicas: readonly Replica[], { progress, signal, millis }: RunContext & { millis: number | null },
): Promise<void> {
  const start = performance.now()
  const left = (): number => Math.min(STATUS_MILLIS, start + (millis ?? Infinity) - performance.now())
  for (let before = { recorded: 0, at: start }; left() > 0 && !signal.aborted;) {
    await pause(left(), undefined, { signal }).catch(() => undefined) // an abort only ends the pause
    const scraped = await scrapeAll(replicas)
    const now = { recorded: shop.ledger.total, at: performance.now() }
    const perSecond = Math.round(((now.recorded - before.recorded) / (now.at - before.at)) * 1_000)
    const instances = shop.services.flatMap(service => service.instances)
    progress.status([
      `${Math.round((now.at - start) / 1_000)} s`, `${perSecond} events/s`, `${now.recorded} recorded`,
      `${scraped instanceof DemoError ? '?' : total(scraped)} counted`,
      `${instances.filter(({ running }) => running).length} of ${instances.length} instances run`,
    ].join(' · '), now.at)
    before = now
  }
}

async function settle(shop: LiveShop, replicas: readonly Replica[], { progress }: RunContext): Promise<Outcome> {
  progress.step('Closing the shop and its agents …')
  const dropped = await shop.stop()
  if (dropped > 0) progress.step(`  the agents dropped ${dropped} events`)
  progress.step('Waiting until the replicas have counted everything …')
  const recorded = shop.ledger.tallies
  return { recorded, counted: await drained(replicas, recorded, { millis: DRAIN_MILLIS }) }
}

async function removeTopics(commands: CommandContext): Promise<void> {
  const admin = demoKafka(commands.brokers).admin()
  await admin.connect()
  try {
    await admin.deleteTopics({ topics: Object.values(topicNames(commands.topicPrefix)) })
    await admin.deleteGroups([groupIdOf(commands)])
  } finally {
    await admin.disconnect()
  }
}
