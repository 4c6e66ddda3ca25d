import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Broker } from '../../broker/broker.ts'
import { startGuard } from '../../broker/guard.ts'
import { freePort } from '../../broker/ports.ts'
import { configFor, PrometheusServer } from '../e2e/prometheus-server.ts'
import { until } from '../support/until.ts'
import { ChaosError } from './errors.ts'
import { Fleet, kafkaFlags, startCommand, type FleetSite } from './fleet.ts'
import type { ChaosOptions } from './options.ts'

export const START_REPLICAS = 3
const READY_MS = 60_000

/** What is undone at the end, last first. */
export type Undo = (() => Promise<void>)[]

export interface Deployment {
  fleet: Fleet
  prometheus: PrometheusServer
  logFolder: string
}

interface DeployContext {
  broker: Broker
  topicPrefix: string
  undo: Undo
  say: (text: string) => void
}

/** Topics, a Prometheus and the first replicas, all ready. Rejects with `TOPICS_FAILED` or `NOT_READY`. */
export async function deploy(options: ChaosOptions, { broker, topicPrefix, say, undo }: DeployContext): Promise<Deployment> {
  const logFolder = await mkdtemp(join(tmpdir(), 'discovery-metrics-chaos-'))
  if (options.keep) say(`logs are kept in ${logFolder}`)
  else undo.push(() => rm(logFolder, { recursive: true, force: true }))
  const guard = startGuard()
  undo.push(() => Promise.resolve(guard.release()))
  const site = { brokers: broker.brokers, topicPrefix, sessionTimeout: options.sessionTimeout, logFolder, guard }
  await makeTopics(options.partitions, site)
  const ports: number[] = []
  while (ports.length < options.replicas) {
    const port = await freePort()
    if (!ports.includes(port)) ports.push(port)
  }
  const fleet = new Fleet(site, ports)
  undo.push(() => fleet.close())
  for (const place of fleet.places.slice(0, START_REPLICAS)) fleet.start(place)
  const targets = ports.map(port => ({ address: `127.0.0.1:${port}`, labels: {} }))
  const prometheus = await PrometheusServer.start(await configFor(targets))
  undo.push(() => prometheus.stop())
  say(`starting ${fleet.running.length} replicas`)
  const ready = until(() => allReady(fleet), { timeoutMs: READY_MS, intervalMs: 200, message: 'all replicas are ready' })
  await ready.catch((cause: unknown) => {
    throw new ChaosError('NOT_READY', `${String(cause)}\n${fleet.deaths.join('\n')}`, { cause })
  })
  return { fleet, prometheus, logFolder }
}

async function makeTopics(partitions: number, site: FleetSite): Promise<void> {
  const size = [`--topics.partitions=${partitions}`, '--topics.replication-factor=1']
  const logFile = join(site.logFolder, 'topics.log')
  const [code] = (await once(startCommand(['topics', ...size, ...kafkaFlags(site)], logFile, site), 'exit')) as [number | null]
  if (code === 0) return
  throw new ChaosError('TOPICS_FAILED', `the topics could not be made (exit code ${code}):\n${readFileSync(logFile, 'utf8')}`)
}

async function allReady({ running }: Fleet): Promise<boolean> {
  const answers = running.map(({ place: { port } }) => fetch(`http://127.0.0.1:${port}/-/ready`, { signal: AbortSignal.timeout(2_000) }))
  return (await Promise.all(answers)).every(({ ok }) => ok)
}
