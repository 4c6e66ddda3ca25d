import { execFile } from 'node:child_process'

export interface RunResult {
  /** The exit code; undefined where the command could not be run or was ended at its time limit. */
  readonly code: number | undefined
  /** Both streams, or why the command could not be run. */
  readonly output: string
}

export type Run = (command: string, args: readonly string[], options: { readonly timeoutMs: number }) => Promise<RunResult>

/** Runs a command to its end. Never rejects: a failure is a result. */
export const runCommand: Run = (command, args, { timeoutMs }) =>
  new Promise((resolve) => {
    const limits = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 * 1024 } as const
    const child = execFile(command, args, limits, (error, stdout, stderr) => {
      resolve(resultOf(error, stdout + stderr, timeoutMs))
    })
    child.stdin?.end()
  })

function resultOf(error: (Error & { code?: unknown; killed?: boolean }) | null, output: string, timeoutMs: number): RunResult {
  if (error === null) return { code: 0, output }
  if (typeof error.code === 'number') return { code: error.code, output }
  return { code: undefined, output: error.killed === true ? `no end within ${timeoutMs / 1000} s` : error.message }
}
