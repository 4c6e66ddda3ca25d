import { fileURLToPath } from 'node:url'
import { runCommand } from '../../broker/run.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const BUILD_MS = 170_000
const COMMAND_MS = 60_000

export const image = 'discovery-metrics:test'

/** Builds the image, in seconds where its layers are known already. */
export async function buildImage(): Promise<void> {
  await docker(['build', '--quiet', '--tag', image, root], BUILD_MS)
}

/** Runs the docker client; resolves to both its streams, rejects with them if it fails. */
export async function docker(args: readonly string[], timeoutMs = COMMAND_MS): Promise<string> {
  const { code, output } = await runCommand('docker', args, { timeoutMs })
  if (code !== 0) throw new Error(`docker ${args.join(' ')} failed (${code}):\n${output.slice(-4_000)}`)
  return output.trim()
}
