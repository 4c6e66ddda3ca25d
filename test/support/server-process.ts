import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { startGuard, type Guard } from '../../broker/guard.ts'
import { until } from './until.ts'

const LAST_LINES = 40
let guard: Guard | undefined

/** A real server in a process of its own, which does not outlive this one, and can be started again. */
export class ServerProcess {
  readonly #command: () => readonly [string, ...string[]]
  readonly #last: string[] = []
  #child: ChildProcess | undefined

  /** `command`: the file and its arguments, asked for at each start. */
  constructor(command: () => readonly [string, ...string[]]) {
    this.#command = command
  }

  /** Resolves once `isReady` holds; rejects with the server's last lines if it has ended. */
  async start(isReady: () => Promise<boolean>, options: { message: string; timeoutMs: number }): Promise<void> {
    const [file, ...args] = this.#command()
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    child.on('error', error => this.#last.push(error.message))
    guard ??= startGuard()
    guard.guard(`pid ${child.pid ?? -1}`)
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', line => this.#last.push(line) > LAST_LINES && this.#last.shift())
    }
    await until(() => {
      if (child.exitCode !== null || child.pid === undefined) throw new Error(`it ended with ${child.exitCode}:\n${this.#last.join('\n')}`)
      return isReady()
    }, options)
  }

  /** Resolves once it is gone. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    guard?.forget(`pid ${child.pid}`)
  }

  /** SIGSTOP or SIGCONT. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }
}
