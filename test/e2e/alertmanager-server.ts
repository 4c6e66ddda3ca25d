import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parse, stringify } from 'yaml'
import { startGuard } from '../../broker/guard.ts'
import { freePort } from '../../broker/ports.ts'
import { until } from '../support/until.ts'

const shippedConfig = new URL('../../ops/alertmanager/alertmanager.yml', import.meta.url)

/** An alert as Alertmanager tells a webhook of it. */
export interface ToldAlert {
  status: 'firing' | 'resolved'
  labels: Record<string, string>
  annotations: Record<string, string>
}

/** The shipped Alertmanager, on loopback, which tells a webhook at once; and all that the webhook was told. */
export interface AlertmanagerServer {
  address: string
  told: readonly ToldAlert[]
  stop: () => Promise<void>
}

/** Resolves once it is ready. */
export async function startAlertmanager(): Promise<AlertmanagerServer> {
  const told: ToldAlert[] = []
  const webhook = createServer((request, response) => {
    void alertsIn(request).then(alerts => told.push(...alerts)).finally(() => response.end())
  }).listen(0, '127.0.0.1')
  await once(webhook, 'listening')
  const folder = await mkdtemp(join(tmpdir(), 'discovery-metrics-alertmanager-'))
  const file = join(folder, 'alertmanager.yml')
  await writeFile(file, await configFor(`http://127.0.0.1:${(webhook.address() as AddressInfo).port}`))
  const address = `127.0.0.1:${await freePort()}`
  const flags = [`--config.file=${file}`, `--storage.path=${join(folder, 'data')}`, `--web.listen-address=${address}`]
  const child = spawn('prometheus-alertmanager', [...flags, '--cluster.listen-address=', '--log.level=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const guard = startGuard()
  guard.guard(`pid ${child.pid ?? -1}`)
  guard.guard(`folder ${folder}`)
  const ended = once(child, 'exit')
  await until(async () => (await fetch(`http://${address}/-/ready`)).ok, { message: 'Alertmanager is ready' })
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    guard.release()
    webhook.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { address, told, stop }
}

/** The configuration that is shipped, which tells a webhook, and does not wait until it does. */
async function configFor(url: string): Promise<string> {
  const shipped = parse(await readFile(shippedConfig, 'utf8')) as { route: Record<string, unknown>; receivers: { name: string }[] }
  const route = { ...shipped.route, group_wait: '0s', group_interval: '1s' }
  const receivers = shipped.receivers.map(receiver => ({ ...receiver, webhook_configs: [{ url, send_resolved: true }] }))
  return stringify({ ...shipped, route, receivers })
}

async function alertsIn(request: IncomingMessage): Promise<ToldAlert[]> {
  return (JSON.parse(await text(request)) as { alerts: ToldAlert[] }).alerts
}
