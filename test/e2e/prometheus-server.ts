import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGuard } from '../../broker/guard.ts'
import { freePort } from '../../broker/ports.ts'
import { until } from '../support/until.ts'
import { seriesName } from './series.ts'

const shippedConfig = new URL('../../ops/prometheus/prometheus.yml', import.meta.url)
const REQUEST_MS = 10_000

export interface Target {
  /** `host:port`. */
  readonly address: string
  /** What service discovery would attach. */
  readonly labels: Readonly<Record<string, string>>
}

/** A sample of an instant query, under the name of its series. */
export interface InstantSample {
  readonly series: string
  readonly value: number
}

/** Asks a Prometheus by its HTTP API. */
export class PrometheusClient {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** Rejects unless the answer is 200 and a success. `path` is behind `/api/v1/`. */
  async get(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const url = `${this.url}/api/v1/${path}?${new URLSearchParams(query).toString()}`
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_MS) })
    const { status, data, error } = (await response.json()) as { status: string; data?: unknown; error?: string }
    if (status !== 'success') throw new Error(`${path} of Prometheus answered ${response.status}: ${error}`)
    return data
  }

  /** The samples of an instant query, series by series. */
  async query(query: string): Promise<InstantSample[]> {
    const { result } = (await this.get('query', { query })) as { result: { metric: Record<string, string>; value: [number, string] }[] }
    return result.map(({ metric, value }) => ({ series: seriesName(metric['__name__'] ?? '', metric), value: Number(value[1]) }))
  }

  /** The one number of an instant query; undefined where it gives none. */
  async scalar(query: string): Promise<number | undefined> {
    return (await this.query(query))[0]?.value
  }

  /** Every series that was ever stored and matches. */
  async series(match: string): Promise<string[]> {
    const metrics = (await this.get('series', { 'match[]': match })) as Record<string, string>[]
    return metrics.map(metric => seriesName(metric['__name__'] ?? '', metric))
  }
}

/** A Prometheus of this machine, on loopback, as a process that does not outlive this one. */
export class PrometheusServer extends PrometheusClient {
  readonly #stop: () => Promise<void>

  private constructor(url: string, stop: () => Promise<void>) {
    super(url)
    this.#stop = stop
  }

  /** Resolves once it is ready. `rules`: texts of rules by the names that the configuration has them under. */
  static async start(config: string, rules: Readonly<Record<string, string>> = {}): Promise<PrometheusServer> {
    const folder = await mkdtemp(join(tmpdir(), 'discovery-metrics-prometheus-'))
    const configFile = join(folder, 'prometheus.yml')
    await writeFile(configFile, config)
    for (const [name, text] of Object.entries(rules)) await writeFile(join(folder, name), text)
    const address = `127.0.0.1:${await freePort()}`
    const flags = [`--config.file=${configFile}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`]
    const child = spawn('prometheus', [...flags, '--log.level=error'], { stdio: ['ignore', 'ignore', 'inherit'] })
    const guard = startGuard()
    guard.guard(`pid ${child.pid ?? -1}`)
    guard.guard(`folder ${folder}`)
    const ended = once(child, 'exit')
    await until(async () => (await fetch(`http://${address}/-/ready`)).ok, { message: 'Prometheus is ready' })
    return new PrometheusServer(`http://${address}`, async () => {
      child.kill('SIGTERM')
      await ended
      guard.release()
      await rm(folder, { recursive: true, force: true })
    })
  }

  stop(): Promise<void> {
    return this.#stop()
  }
}

/** The configuration that is shipped, with other targets, scraped every second. */
export async function configFor(targets: readonly Target[]): Promise<string> {
  const groups = targets.map(({ address, labels }) => `      - targets: ['${address}']\n        labels: ${JSON.stringify(labels)}`)
  const shipped = await readFile(shippedConfig, 'utf8')
  const quicker = replaceOnce(shipped, /scrape_interval: \S+/, 'scrape_interval: 1s')
  return replaceOnce(quicker, / {6}- targets: .*/, groups.join('\n'))
}

function replaceOnce(text: string, pattern: RegExp, replacement: string): string {
  const found = text.match(new RegExp(pattern, 'g'))?.length ?? 0
  if (found !== 1) throw new Error(`${pattern} is in ops/prometheus/prometheus.yml ${found} times: bring the file and this test in line`)
  return text.replace(pattern, () => replacement)
}
