import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startGuard, type Guard } from '../../broker/guard.ts'
import { freePort } from '../../broker/ports.ts'
import { parseExposition, type Sample } from '../../demo/exposition.ts'
import { until } from './until.ts'

const mainFile = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const READY_MS = 60_000
const REQUEST_MS = 10_000
const LAST_LINES = 30

export interface CommandSite {
  /** `host:port`, as kafkajs takes them. */
  readonly brokers: readonly string[]
  /** Stands before the names of the topics and of the consumer group. */
  readonly topicPrefix: string
}

export interface ReplicaOptions extends CommandSite {
  /** More flags of `serve`, such as `--log.level=debug`. */
  readonly flags?: readonly string[]
}

/** How a process ended: an exit code, or the signal's name. */
export type End = number | NodeJS.Signals

let guard: Guard | undefined

/** One `discovery-metrics` in a process of its own, run from the sources. It does not outlive this process. */
export class CommandProcess {
  readonly #child: ChildProcess
  readonly #last: string[] = []
  readonly #end: Promise<End>

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [mainFile, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', line => this.#remember(line))
    }
    this.#end = once(this.#child, 'close').then(([code, signal]) => (code ?? signal) as End)
    const { pid } = this.#child
    guard ??= startGuard()
    guard.guard(`pid ${pid ?? -1}`)
    void this.#end.then(() => guard?.forget(`pid ${pid ?? -1}`))
  }

  /** Resolves when the process has ended. */
  get end(): Promise<End> {
    return this.#end
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The newest lines of both streams. */
  get output(): string {
    return this.#last.join('\n')
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  #remember(line: string): void {
    this.#last.push(line)
    if (this.#last.length > LAST_LINES) this.#last.shift()
  }
}

/** One `discovery-metrics serve`. */
export class Replica {
  /** `127.0.0.1:port`. */
  readonly address: string
  readonly url: string
  readonly process: CommandProcess

  constructor(port: number, { brokers, topicPrefix, flags = [] }: ReplicaOptions) {
    this.address = `127.0.0.1:${port}`
    this.url = `http://${this.address}`
    const own = [`--web.listen-address=${this.address}`, `--kafka.group-id=${topicPrefix}discovery-metrics`]
    this.process = new CommandProcess(['serve', ...own, ...kafkaFlags({ brokers, topicPrefix }), ...flags])
  }

  async isReady(): Promise<boolean> {
    return (await this.get('/-/ready')).ok
  }

  /** Rejects where nothing listens, or no answer comes within ten seconds. */
  get(path: string): Promise<Response> {
    return fetch(this.url + path, { signal: AbortSignal.timeout(REQUEST_MS) })
  }

  /** Rejects unless the answer is 200. */
  async json(path: string): Promise<unknown> {
    return (await this.#ok(path)).json()
  }

  /** The samples of `/metrics`. Rejects unless the answer is 200. */
  async scrape(): Promise<readonly Sample[]> {
    return parseExposition(await (await this.#ok('/metrics')).text()).samples
  }

  /** SIGTERM; resolves to how it ended. */
  stop(): Promise<End> {
    this.process.signal('SIGTERM')
    return this.process.end
  }

  async #ok(path: string): Promise<Response> {
    const response = await this.get(path)
    if (!response.ok) throw new Error(`${path} of ${this.address} answered ${response.status}: ${await response.text()}`)
    return response
  }
}

/** Makes the topics by `discovery-metrics topics`, four partitions each. Rejects with what the command said. */
export async function createTopics(site: CommandSite): Promise<void> {
  const command = new CommandProcess(['topics', '--topics.partitions=4', '--topics.replication-factor=1', ...kafkaFlags(site)])
  const end = await command.end
  if (end !== 0) throw new Error(`the topics could not be made (${end}):\n${command.output}`)
}

/** Starts replicas on free ports and makes their topics first; resolves once all are ready at the same time. */
export async function startReplicas(count: number, options: ReplicaOptions): Promise<Replica[]> {
  await createTopics(options)
  const replicas: Replica[] = []
  for (let index = 0; index < count; index++) replicas.push(new Replica(await freePort(), options))
  await whenReady(replicas)
  return replicas
}

/** Resolves once all are ready at the same time; rejects with the last words of one that ended instead. */
export async function whenReady(replicas: readonly Replica[]): Promise<void> {
  const ready = until(async () => (await Promise.all(replicas.map(replica => replica.isReady()))).every(Boolean), {
    timeoutMs: READY_MS, message: 'all replicas are ready',
  })
  const death = replicas.map(async replica => {
    const end = await replica.process.end
    throw new Error(`the replica at ${replica.address} ended (${end}):\n${replica.process.output}`)
  })
  await Promise.race([ready, ...death])
}

/** Stops those that still run; resolves once all have ended. For `afterAll`. */
export async function stopReplicas(replicas: readonly Replica[]): Promise<void> {
  await Promise.all(replicas.filter(replica => replica.process.running).map(replica => replica.stop()))
}

function kafkaFlags({ brokers, topicPrefix }: CommandSite): string[] {
  return [`--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${topicPrefix}`]
}
