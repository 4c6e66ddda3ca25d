import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../../../broker/run.ts'
import { serveShop } from './endpoints-site.ts'

it('Prometheus finds the targets, by the word of its own tool', async () => {
  const { url } = await serveShop()
  const folder = await mkdtemp(join(tmpdir(), 'targets-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const config = join(folder, 'prometheus.yml')
  await writeFile(config, `
scrape_configs:
  - job_name: discovered
    http_sd_configs: [{ url: '${url}/api/v1/targets' }]
    relabel_configs:
      - { source_labels: [__meta_discovery_service], target_label: service }
`)
  const { code, output } = await runCommand('promtool', ['check', 'service-discovery', '--timeout=3s', config, 'discovered'], { timeoutMs: 30_000 })
  const found = JSON.parse(output.slice(output.indexOf('['))) as { labels: Record<string, string> }[]
  expect(code).toBe(0)
  expect(found.map(({ labels }) => `${labels['__address__'] ?? labels['instance']} ${labels['service']}`).toSorted()).toEqual([
    '10.0.0.1:80 cart', '10.0.0.2:5432 db',
  ])
}, 60_000)
