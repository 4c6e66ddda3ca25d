import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const mainFile = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export interface Ended {
  /** Null where a signal ended it. */
  code: number | null
  stdout: string
  stderr: string
  /** From the start to the end. */
  millis: number
}

/** Starts `discovery-metrics` with nothing in its environment but what is given: every variable could be an option. */
export function startCommand(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const environment = { PATH: process.env['PATH'] ?? '', ...env }
  return spawn(process.execPath, [mainFile, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs `discovery-metrics` to its end. */
export async function runCommand(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const started = performance.now()
  const child = startCommand(args, env)
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', (bytes: Buffer) => { texts[name] += bytes.toString() })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...texts, millis: performance.now() - started }
}

/** The lines that a process writes to standard error, as they come. */
export function linesOf(child: ChildProcess, onLine: (line: string) => void): void {
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', onLine)
}
