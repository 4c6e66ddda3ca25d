import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startGuard } from '../../broker/guard.ts'
import { freePort } from '../../broker/ports.ts'
import { runCommand } from '../../broker/run.ts'
import { until } from '../support/until.ts'

const VERSION = '3.0.9'
const FETCH_MS = 300_000
const START_MS = 90_000
const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'discovery-metrics', `apicurio-${VERSION}`)

/** Apicurio Registry, in memory: a schema registry of another make than Confluent's that answers by the same API. */
export class Apicurio {
  readonly url: string
  readonly #stop: () => Promise<void>

  private constructor(url: string, stop: () => Promise<void>) {
    this.url = url
    this.#stop = stop
  }

  /** Fetched with Maven, once; a hundred megabytes. */
  static async start(): Promise<Apicurio> {
    if (!existsSync(folder)) await fetchArtifact()
    const port = await freePort()
    const settings = ['-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${port}`, '-Dquarkus.management.enabled=false']
    const args = ['-Xmx400m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...settings, '-jar', join(folder, `apicurio-registry-app-${VERSION}-runner.jar`)]
    const child = spawn('java', args, { cwd: tmpdir(), stdio: 'ignore' })
    const guard = startGuard()
    guard.guard(`pid ${child.pid ?? 0}`)
    const ended = once(child, 'exit')
    const registry = new Apicurio(`http://127.0.0.1:${port}/apis/ccompat/v7`, async () => {
      child.kill('SIGKILL')
      await ended
      guard.release()
    })
    await until(async () => (await fetch(`${registry.url}/subjects`)).ok, { timeoutMs: START_MS, intervalMs: 250, message: 'the registry answers' })
    return registry
  }

  /** Resolves with the schema's id. */
  async register(subject: string, schema: unknown, schemaType = 'AVRO'): Promise<number> {
    const response = await fetch(`${this.url}/subjects/${subject}/versions`, {
      method: 'POST', headers: { 'Content-Type': 'application/vnd.schemaregistry.v1+json' }, body: JSON.stringify({ schema: JSON.stringify(schema), schemaType }),
    })
    if (!response.ok) throw new Error(`the registry does not take the schema: ${await response.text()}`)
    return ((await response.json()) as { id: number }).id
  }

  stop(): Promise<void> {
    return this.#stop()
  }
}

async function fetchArtifact(): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const work = await mkdtemp(`${folder}-`)
  try {
    await run('mvn', ['--quiet', '--batch-mode', 'dependency:copy', `-Dartifact=io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`, `-DoutputDirectory=${work}`])
    await mkdir(join(work, 'app'))
    await run('tar', ['-xzf', join(work, `apicurio-registry-app-${VERSION}-all.tar.gz`), '-C', join(work, 'app')])
    await rename(join(work, 'app'), folder).catch((error: unknown) => { if (!existsSync(folder)) throw error })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(command, args, { timeoutMs: FETCH_MS })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${output.trim().slice(-2_000)}`)
}
