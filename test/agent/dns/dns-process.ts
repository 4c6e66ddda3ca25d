import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { runCommand } from '../../../broker/run.ts'
import { ServerProcess } from '../../support/server-process.ts'

const DIG_MS = 60_000

/** A real DNS server in a process of its own, which does not outlive this one. */
export class DnsProcess {
  readonly port: number
  readonly #process: ServerProcess

  constructor(port: number, command: readonly [string, ...string[]]) {
    this.port = port
    this.#process = new ServerProcess(() => command)
  }

  /** Resolves once it answers a question about `name`, whatever it answers. */
  start(name: string): Promise<void> {
    const answers = async (): Promise<boolean> => (await dig(this.port, { name, type: 'SOA', tries: 1 })).includes('status:')
    return this.#process.start(answers, { message: 'the DNS server answers', timeoutMs: 30_000 })
  }

  /** Ends it, by SIGTERM unless said otherwise. Resolves once it is gone. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return this.#process.stop(signal)
  }

  /** SIGSTOP or SIGCONT. */
  signal(name: NodeJS.Signals): void {
    this.#process.signal(name)
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
