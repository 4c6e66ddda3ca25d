import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { parseExposition, type Sample } from '../../demo/exposition.ts'
import { until } from '../support/until.ts'
import { linesOf, startCommand } from './running.ts'

export interface ReplicaSettings {
  brokers: readonly string[]
  /** Of the topics, and of the consumer group. */
  prefix: string
  flags?: readonly string[]
}

export interface LogLine {
  level: string
  msg: string
}

/** One `discovery-metrics serve` in a process of its own, on a free port of loopback. */
export class Replica {
  /** What it has logged so far. */
  readonly log: LogLine[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #url = ''

  /** Resolves once it listens. */
  static async start(settings: ReplicaSettings): Promise<Replica> {
    const replica = new Replica(settings)
    await until(() => replica.#url !== '' || replica.#child.exitCode !== null, { message: 'the replica listens', intervalMs: 20 })
    return replica
  }

  private constructor({ brokers, prefix, flags = [] }: ReplicaSettings) {
    const kafka = [`--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${prefix}`, `--kafka.group-id=${prefix}group`]
    this.#child = startCommand(['serve', ...kafka, '--web.listen-address=127.0.0.1:0', '--log.format=json', ...flags])
    this.#ended = once(this.#child, 'exit')
    linesOf(this.#child, line => this.#note(line))
  }

  /** What was logged at that level or above it, `warn` or `error`. */
  logged(level: 'warn' | 'error'): string[] {
    const levels = level === 'warn' ? ['warn', 'error', 'fatal'] : ['error', 'fatal']
    return this.log.filter(line => levels.includes(line.level)).map(({ msg }) => msg)
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(this.#url + path, { signal: AbortSignal.timeout(5_000) })
    return { status: response.status, text: await response.text() }
  }

  /** Why it is not ready; empty if it is. */
  async notReady(): Promise<string> {
    return reasonOf(await this.get('/-/ready'))
  }

  /** Why it is not healthy; empty if it is. */
  async unhealthy(): Promise<string> {
    return reasonOf(await this.get('/-/healthy'))
  }

  untilReady(timeoutMs = 20_000): Promise<true> {
    return until(async () => (await this.notReady()) === '', { timeoutMs, intervalMs: 100, message: 'the replica is ready' })
  }

  async samples(): Promise<readonly Sample[]> {
    const { status, text } = await this.get('/metrics')
    if (status !== 200) throw new Error(`/metrics answered ${status}`)
    return parseExposition(text).samples
  }

  /** The sum over all series of that name and with these labels. */
  async sum(name: string, labels: Record<string, string> = {}): Promise<number> {
    return sumOf(await this.samples(), name, labels)
  }

  /** Sends a signal; resolves with the exit code and the milliseconds until then. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<{ code: number | null; millis: number }> {
    const started = performance.now()
    this.#child.kill(signal)
    return { code: await this.exit(), millis: performance.now() - started }
  }

  /** Stops or continues the process, as a machine does that sleeps. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name)
  }

  /** Resolves with the exit code once it has ended. */
  async exit(): Promise<number | null> {
    await this.#ended
    return this.#child.exitCode
  }

  #note(line: string): void {
    try {
      this.log.push(JSON.parse(line) as LogLine)
    } catch {
      this.log.push({ level: 'error', msg: line })
    }
    this.#url ||= /serves on (http:\S+)/.exec(line)?.[1]?.replace(/".*$/, '') ?? ''
  }
}

/** The sum over all samples of that name and with these labels. */
export function sumOf(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels)
  return samples
    .filter(sample => sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

function reasonOf({ status, text }: { status: number; text: string }): string {
  if (status === 200) return ''
  if (status !== 503) throw new Error(`answered ${status}: ${text}`)
  return (JSON.parse(text) as { detail: string }).detail
}
