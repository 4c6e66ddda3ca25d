import { fork, type ChildProcess } from 'node:child_process'
import { on, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startGuard, type Guard } from '../broker/guard.ts'
import { freePort } from '../broker/ports.ts'
import { until } from '../test/support/until.ts'
import type { Moment, Question } from './inside.ts'

const mainFile = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const amplePolicy = fileURLToPath(new URL('ample-policy.yaml', import.meta.url))
const READY_MS = 180_000
const LOOK_EVERY_MS = 20
const MOST_OUTPUT = 20_000

let guard: Guard | undefined

export interface ServedOptions {
  brokers: readonly string[]
  topicPrefix: string
  flags?: readonly string[]
  /** The policy file; one with room for all unless given, an empty name for the default. */
  policy?: string
  /** How many records it has read when it is to say so. */
  tellAt?: readonly number[]
}

/** One `discovery-metrics serve` in a process of its own, with `inside.ts` in it. It does not outlive this process. */
export class Served {
  readonly url: string
  /** When it was spawned, in milliseconds since the epoch. */
  readonly spawnedAt = performance.timeOrigin + performance.now()
  readonly #child: ChildProcess
  readonly #told: AsyncIterator<[Moment]>
  #output = ''

  static async start(options: ServedOptions): Promise<Served> {
    return new Served(`127.0.0.1:${await freePort()}`, options)
  }

  private constructor(address: string, { brokers, topicPrefix, flags = [], tellAt = [], policy = amplePolicy }: ServedOptions) {
    this.url = `http://${address}`
    const own = [`--web.listen-address=${address}`, `--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${topicPrefix}`]
    this.#child = fork(mainFile, ['serve', ...own, `--policy.file=${policy}`, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...process.env, BENCH_TELL_AT: tellAt.join(',') },
      execArgv: ['--expose-gc', ...profileFlags(), `--import=${new URL('./inside.ts', import.meta.url).href}`],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => { this.#output = (this.#output + text).slice(-MOST_OUTPUT) })
    }
    const ended = new AbortController()
    this.#told = on(this.#child, 'message', { signal: ended.signal }) as AsyncIterator<[Moment]>
    guard ??= startGuard()
    const ward = `pid ${this.#child.pid ?? -1}` as const
    guard.guard(ward)
    this.#child.once('exit', () => {
      guard?.forget(ward)
      ended.abort(new Error('serve has ended'))
    })
  }

  /** The newest lines that it has logged. */
  get output(): string {
    return this.#output
  }

  /** Resolves when `/-/ready` first answers 200, to that moment in milliseconds since the epoch. */
  async ready(): Promise<number> {
    const isReady = () => {
      this.#throwIfEnded()
      return fetch(`${this.url}/-/ready`).then(({ ok }) => ok, () => false)
    }
    const look = { timeoutMs: READY_MS, intervalMs: LOOK_EVERY_MS, message: 'serve is ready' }
    await until(isReady, look).catch((cause: unknown) => { throw new Error(`serve is not ready:\n${this.#output}`, { cause }) })
    return performance.timeOrigin + performance.now()
  }

  /** What it tells next by itself, having read as many records as it was to tell at. */
  async told(): Promise<Moment> {
    const { value } = await this.#told.next().catch((cause: unknown) => { throw new Error(`serve does not tell:\n${this.#output}`, { cause }) })
    return (value as [Moment])[0]
  }

  /** How it is now. */
  async now(question: Question = 'now'): Promise<Moment> {
    const told = this.told()
    this.#child.send(question)
    return told
  }

  /** SIGTERM; resolves when it has ended. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
  }

  #throwIfEnded(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error('it has ended')
  }
}

/** `BENCH_PROFILE=folder`: a CPU profile of each process goes there when it ends. */
function profileFlags(): string[] {
  const folder = process.env['BENCH_PROFILE'] ?? ''
  return folder === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`]
}
