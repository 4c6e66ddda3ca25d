import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Guard } from '../../broker/guard.ts'

const mainFile = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const LAST_LINES = 15
const STOP_MS = 15_000

export interface FleetSite {
  brokers: readonly string[]
  topicPrefix: string
  sessionTimeout: number
  /** Each place has a file of its own in it. */
  logFolder: string
  /** Ends what we start, if we die first. */
  guard: Guard
}

/** Runs `discovery-metrics` from the sources with its output in a file. No variable of ours reaches it, since each could be an option. */
export function startCommand(args: readonly string[], logFile: string, { guard }: Pick<FleetSite, 'guard'>): ChildProcess {
  const log = openSync(logFile, 'a')
  const child = spawn(process.execPath, [mainFile, ...args], { env: { PATH: process.env['PATH'] ?? '' }, stdio: ['ignore', log, log] })
  closeSync(log)
  const ward = `pid ${child.pid ?? -1}` as const
  guard.guard(ward)
  child.once('exit', () => guard.forget(ward))
  return child
}

export function kafkaFlags({ brokers, topicPrefix }: Pick<FleetSite, 'brokers' | 'topicPrefix'>): string[] {
  return [`--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${topicPrefix}`]
}

/** A process of a place; the next one there is another. */
export interface Incarnation {
  /** `2#5`: the fifth process of place 2. */
  name: string
  place: Place
  child: ChildProcess
  stopped: boolean
}

/** A port that a replica can run on, one after another. */
export interface Place {
  index: number
  port: number
  logFile: string
  /** Processes started here so far. */
  started: number
  running: Incarnation | undefined
}

/** The replicas: which run where. A process that ends unasked is told of and started again, as an orchestrator would. */
export class Fleet {
  readonly places: readonly Place[]
  /** What processes that ended by themselves said last. */
  readonly deaths: string[] = []
  readonly #site: FleetSite
  readonly #asked = new WeakSet<ChildProcess>()
  #closed = false

  constructor(site: FleetSite, ports: readonly number[]) {
    this.#site = site
    this.places = ports.map((port, index) =>
      ({ index, port, logFile: join(site.logFolder, `replica-${index}.log`), started: 0, running: undefined }))
  }

  get running(): Incarnation[] {
    return this.places.flatMap(({ running }) => (running === undefined ? [] : [running]))
  }

  start(place: Place): Incarnation {
    const { topicPrefix, sessionTimeout } = this.#site
    const own = [`--web.listen-address=127.0.0.1:${place.port}`, `--kafka.group-id=${topicPrefix}discovery-metrics`]
    const flags = [...own, `--kafka.session-timeout=${sessionTimeout}ms`, ...kafkaFlags(this.#site)]
    const child = startCommand(['serve', ...flags], place.logFile, this.#site)
    const incarnation = { name: `${place.index}#${++place.started}`, place, child, stopped: false }
    place.running = incarnation
    child.once('exit', (code, signal) => this.#ended(incarnation, String(code ?? signal)))
    return incarnation
  }

  /** Resolves once it is dead. */
  async kill(incarnation: Incarnation): Promise<void> {
    await this.#end(incarnation, 'SIGKILL')
  }

  /** SIGTERM; resolves to the milliseconds until it had ended. One that does not end is killed, and counts as a death. */
  async terminate(incarnation: Incarnation): Promise<void> {
    const late = setTimeout(() => {
      this.deaths.push(`${incarnation.name} did not end within ${STOP_MS / 1_000} s of SIGTERM`)
      incarnation.child.kill('SIGKILL')
    }, STOP_MS)
    await this.#end(incarnation, 'SIGTERM')
    clearTimeout(late)
    const { exitCode } = incarnation.child
    if (exitCode === 0 || exitCode === null) return
    this.deaths.push(`${incarnation.name} ended with ${exitCode} after SIGTERM: ${this.#tail(incarnation)}`)
  }

  stop(incarnation: Incarnation): void {
    incarnation.stopped = true
    incarnation.child.kill('SIGSTOP')
  }

  continue(incarnation: Incarnation): void {
    incarnation.stopped = false
    incarnation.child.kill('SIGCONT')
  }

  /** Ends all that run, stopped ones too. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.running.map(incarnation => this.#end(incarnation, 'SIGKILL')))
  }

  async #end({ child, place }: Incarnation, signal: NodeJS.Signals): Promise<void> {
    if (place.running?.child === child) place.running = undefined
    this.#asked.add(child)
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  #ended(incarnation: Incarnation, how: string): void {
    if (this.#asked.has(incarnation.child) || this.#closed) return
    this.deaths.push(`${incarnation.name} ended by itself (${how}): ${this.#tail(incarnation)}`)
    if (incarnation.place.running === incarnation) this.start(incarnation.place)
  }

  #tail({ place }: Incarnation): string {
    return readFileSync(place.logFile, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n')
  }
}
