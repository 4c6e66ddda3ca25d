import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What must not outlive us: a process, a folder, a container. */
export type Ward = `pid ${number}` | `folder ${string}` | `container ${string}`

/** Ends its wards when this process dies without having released them, by `kill -9` too. */
export interface Guard {
  guard(ward: Ward): void
  forget(ward: Ward): void
  /** Ends the guard and leaves every ward alone. */
  release(): void
  /** Ends the guard, which ends its wards. */
  abandon(): void
}

/**
 * Starts the watchdog: a process whose standard input is a pipe from us, so that the kernel tells it of our death. It is in a session of its
 * own, since Ctrl-C goes to a terminal's whole process group.
 */
export function startGuard(): Guard {
  const script = fileURLToPath(new URL('./watchdog.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  // If somebody ends the watchdog, we go on without its help.
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  return {
    guard: (ward) => void child.stdin.write(`guard ${ward}\n`),
    forget: (ward) => void child.stdin.write(`forget ${ward}\n`),
    release: () => void child.stdin.end('release\n'),
    abandon: () => void child.stdin.end(),
  }
}
