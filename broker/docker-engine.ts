import type { Availability } from './broker.ts'
import type { Run } from './run.ts'

const ANSWER_MS = 10_000
const PULL_MS = 90_000
/** What testcontainers 12 would pull to clean up after us. */
const ryukImage = 'testcontainers/ryuk:0.14.0'

export interface ImageOptions {
  readonly run: Run
  readonly onProgress: (text: string) => void
}

/**
 * Whether a Docker engine answers and has the image, pulling it where it is absent (for 90 s at most). No registry is asked beforehand
 * whether it is there: an engine without a way out refuses the pull by itself.
 */
export async function haveImage(image: string, { run, onProgress }: ImageOptions): Promise<Availability> {
  const inspected = await run('docker', ['image', 'inspect', '--format', '{{.Id}}', image], { timeoutMs: ANSWER_MS })
  if (inspected.code === 0) return { available: true, detail: `image ${image}` }
  if (!/no such image/i.test(inspected.output)) {
    return { available: false, reason: `no Docker engine answers (${lastLine(inspected.output)}): start one` }
  }
  onProgress(`docker: pulling ${image}, ${PULL_MS / 1000} s at most`)
  const pulled = await run('docker', ['pull', '--quiet', image], { timeoutMs: PULL_MS })
  if (pulled.code === 0) return { available: true, detail: `image ${image}` }
  return { available: false, reason: `the image ${image} is absent and cannot be pulled (${lastLine(pulled.output)}): docker pull ${image}` }
}

/**
 * Keeps testcontainers from pulling helper images where its reaper's image is absent: our own watchdog does the reaper's work. To be called
 * before testcontainers is first used in a process; what the environment already says stands. Where the engine's socket was mounted into a
 * container, loopback is not the engine's host: set TESTCONTAINERS_HOST_OVERRIDE there.
 */
export async function sparePulls(env: NodeJS.ProcessEnv, run: Run): Promise<void> {
  const ryuk = await run('docker', ['image', 'inspect', '--format', '{{.Id}}', ryukImage], { timeoutMs: ANSWER_MS })
  if (ryuk.code === 0) return
  env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'
  if (env['DOCKER_HOST'] === undefined) env['TESTCONTAINERS_HOST_OVERRIDE'] ??= '127.0.0.1'
}

/** Ends a container, paused or not, with its volumes. A container that is gone already is no error. */
export async function removeContainer(id: string, run: Run): Promise<void> {
  // A paused container can be neither killed nor removed.
  await run('docker', ['unpause', id], { timeoutMs: ANSWER_MS })
  await run('docker', ['rm', '--force', '--volumes', id], { timeoutMs: ANSWER_MS })
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
