import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { startGuard, type Guard } from '../../../broker/guard.ts'
import { runCommand } from '../../../broker/run.ts'
import { until } from '../../support/until.ts'

const DIG_MS = 60_000
const LAST_LINES = 40
let guard: Guard | undefined

/** A real DNS server in a process of its own, which does not outlive this one. */
export class DnsProcess {
  readonly port: number
  readonly #start: () => ChildProcess
  readonly #last: string[] = []
  #child: ChildProcess | undefined

  constructor(port: number, command: readonly [string, ...string[]]) {
    const [file, ...args] = command
    this.port = port
    this.#start = () => spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** Resolves once it answers a question about `name`, whatever it answers. */
  async start(name: string): Promise<void> {
    const child = this.#start()
    this.#child = child
    guard ??= startGuard()
    guard.guard(`pid ${child.pid ?? -1}`)
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', line => this.#last.push(line) > LAST_LINES && this.#last.shift())
    }
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${this.#last.join('\n')}`)
      return (await dig(this.port, { name, type: 'SOA', tries: 1 })).includes('status:')
    }, { message: 'the DNS server answers', timeoutMs: 30_000 })
  }

  /** Ends it, by SIGTERM unless said otherwise. Resolves once it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    guard?.forget(`pid ${child.pid ?? -1}`)
  }

  /** SIGSTOP or SIGCONT. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }
}

export interface Dig {
  name: string
  type?: string
  /** The client's address, such as `127.0.0.7`. */
  from?: string
  /** Of one second each. */
  tries?: number
  flags?: readonly string[]
}

/** What dig says. Never rejects: that nobody answers is an answer, too. */
export async function dig(port: number, { name, type = 'A', from = '127.0.0.1', tries = 3, flags = [] }: Dig): Promise<string> {
  const args = ['-b', from, '-p', String(port), '@127.0.0.1', `+tries=${tries}`, '+time=1', ...flags, name, type]
  return (await runCommand('dig', args, { timeoutMs: DIG_MS })).output
}

/** Sends one update of `zone` to a server on loopback from an address; the lines are nsupdate's. Says whether it was accepted. */
export async function nsupdate(port: number, zone: string, { from = '127.0.0.1', lines }: { from?: string; lines: readonly string[] }): Promise<boolean> {
  const script = [`server 127.0.0.1 ${port}`, `local ${from}`, `zone ${zone}`, ...lines, 'send', ''].join('\n')
  const child = spawn('nsupdate', ['-t', '10'], { stdio: ['pipe', 'ignore', 'ignore'] })
  child.stdin.end(script)
  const [code] = (await once(child, 'exit')) as [number | null]
  return code === 0
}
