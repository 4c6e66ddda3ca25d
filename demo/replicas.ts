import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { checkAlive } from './drain.ts'
import { DemoError } from './errors.ts'
import { parseExposition, type Sample } from './exposition.ts'

const mainFile = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const POLL_MILLIS = 200
const STOP_MILLIS = 10_000
const REQUEST_MILLIS = 10_000
const TAIL_LINES = 15

/** Where the commands find Kafka, and where they write. */
export interface CommandContext {
  brokers: readonly string[]
  topicPrefix: string
  /** A folder; each command has a file of its own in it. */
  logFolder: string
}

/** The replicas' consumer group. */
export function groupIdOf({ topicPrefix }: CommandContext): string {
  return `${topicPrefix}discovery-metrics`
}

/** `discovery-metrics topics`: makes what is missing, four partitions each. Rejects with `COMMAND_FAILED` and the command's own words. */
export async function makeTopics(context: CommandContext): Promise<void> {
  const { child, logFile } = start(['topics', '--topics.partitions=4', '--topics.replication-factor=1'], 'topics', context)
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new DemoError('COMMAND_FAILED', `the topics could not be made (exit code ${code}). ${lastLines(logFile)}`)
}

/** One `discovery-metrics serve` in a process of its own. */
export class Replica {
  readonly url: string
  readonly pid: number | undefined
  readonly #child: ChildProcess
  readonly #logFile: string

  constructor(port: number, context: CommandContext) {
    this.url = `http://127.0.0.1:${port}`
    const flags = [`--web.listen-address=127.0.0.1:${port}`, `--kafka.group-id=${groupIdOf(context)}`]
    const { child, logFile } = start(['serve', ...flags], `replica-${port}`, context)
    this.#child = child
    this.#logFile = logFile
    this.pid = child.pid
  }

  /** Undefined while it runs. */
  get death(): DemoError | undefined {
    const { exitCode, signalCode } = this.#child
    if (exitCode === null && signalCode === null) return undefined
    return new DemoError('REPLICA_DIED', `the replica at ${this.url} ended (${signalCode ?? `exit code ${exitCode}`}). ${lastLines(this.#logFile)}`)
  }

  async isReady(): Promise<boolean> {
    try {
      const { ok, body } = await this.#get('/-/ready')
      await body?.cancel()
      return ok
    } catch {
      return false // not listening yet
    }
  }

  /** Rejects with `SCRAPE_FAILED`. */
  async scrape(): Promise<readonly Sample[]> {
    try {
      const response = await this.#get('/metrics')
      if (!response.ok) throw new Error(`status ${response.status}`)
      return parseExposition(await response.text()).samples
    } catch (cause) {
      throw new DemoError('SCRAPE_FAILED', `${this.url}/metrics cannot be read (${String(cause)}). ${lastLines(this.#logFile)}`, { cause })
    }
  }

  /** SIGTERM, and SIGKILL for one that does not end in time. */
  async stop(): Promise<void> {
    if (this.death !== undefined) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MILLIS)
    await ended
    clearTimeout(kill)
  }

  #get(path: string): Promise<Response> {
    return fetch(this.url + path, { signal: AbortSignal.timeout(REQUEST_MILLIS) })
  }
}

/** Resolves once all are ready at the same time. Rejects with `REPLICA_DIED`, or with `REPLICA_NOT_READY` when `millis` are over. */
export async function whenReady(
  replicas: readonly Replica[], { millis, logFolder, signal }: { millis: number; logFolder: string; signal: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + millis
  for (;;) {
    signal.throwIfAborted()
    const ready = await Promise.all(replicas.map(replica => replica.isReady()))
    checkAlive(replicas)
    if (ready.every(Boolean)) return
    if (performance.now() > deadline) {
      throw new DemoError('REPLICA_NOT_READY', `the replicas are not ready after ${millis / 1_000} s: see what they say in ${logFolder}`)
    }
    await pause(POLL_MILLIS)
  }
}

/** Rejects with `PORT_TAKEN` for the first port that somebody listens on. */
export async function checkPorts(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening').catch((cause: unknown) => {
      throw new DemoError('PORT_TAKEN', `port ${port} cannot be had (${String(cause)}): name other ports by --ports 9474,9475`, { cause })
    })
    server.close()
    await once(server, 'close')
  }
}

// A session of its own: Ctrl-C goes to a terminal's whole process group, and the replicas have yet to count what is under way.
function start([command = '', ...flags]: string[], name: string, context: CommandContext): { child: ChildProcess; logFile: string } {
  const logFile = join(context.logFolder, `${name}.log`)
  const log = openSync(logFile, 'w')
  const kafka = [`--kafka.brokers=${context.brokers.join(',')}`, `--kafka.topic-prefix=${context.topicPrefix}`]
  const child = spawn(process.execPath, [mainFile, command, ...kafka, ...flags], { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  return { child, logFile }
}

function lastLines(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES)
  return `The last lines of ${logFile}:\n${lines.map(line => `  ${line}`).join('\n')}`
}
