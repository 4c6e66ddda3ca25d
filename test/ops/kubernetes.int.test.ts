import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand, type RunResult } from '../../broker/run.ts'
import { manifestFiles, readManifest, type Manifest } from './manifests.ts'

// Schemas let unknown fields pass, and an API server drops them: a probe that is misspelt is no probe. Types refuse them.

const root = fileURLToPath(new URL('../../', import.meta.url))
const operator = '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
const modules: Record<string, string> = {
  ConfigMap: 'kubernetes-models/v1',
  Deployment: 'kubernetes-models/apps/v1',
  Namespace: 'kubernetes-models/v1',
  Job: 'kubernetes-models/batch/v1',
  NetworkPolicy: 'kubernetes-models/networking.k8s.io/v1',
  PodDisruptionBudget: 'kubernetes-models/policy/v1',
  PrometheusRule: operator,
  Service: 'kubernetes-models/v1',
  ServiceAccount: 'kubernetes-models/v1',
  ServiceMonitor: operator,
}

describe('the manifests', () => {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'discovery-metrics-manifests-'))
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  const compile = async (name: string, manifests: readonly Manifest[]): Promise<RunResult> => {
    const file = join(folder, `${name}.ts`)
    await writeFile(file, manifests.map((manifest, index) => typed(manifest, `manifest${index}`)).join('\n'))
    const flags = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', 'node']
    return runCommand(join(root, 'node_modules/.bin/tsc'), [...flags, file], { timeoutMs: 60_000 })
  }

  it('have no field that Kubernetes or the Prometheus operator does not know', async () => {
    expect(
      await compile(
        'shipped',
        manifestFiles().map(file => readManifest(file) as Manifest),
      ),
    ).toMatchObject({ code: 0 })
  })

  it('would not do with a probe that is misspelt', async () => {
    const text = JSON.stringify(readManifest('deployment.yaml')).replace('"readinessProbe"', '"readynessProbe"')
    const { code, output } = await compile('misspelt', [JSON.parse(text) as Manifest])
    expect([code, output]).toEqual([1, expect.stringContaining('readynessProbe')])
  })
})

function typed(manifest: Manifest, name: string): string {
  const { kind } = manifest
  const type = `Type${name}`
  return `import type { I${kind} as ${type} } from '${modules[kind]}/${kind}';export const ${name}: ${type}=${JSON.stringify(manifest)}\n`
}
