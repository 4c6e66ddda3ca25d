import { readdirSync, readFileSync } from 'node:fs'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { IJob } from 'kubernetes-models/batch/v1/Job'
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import type { IService } from 'kubernetes-models/v1/Service'
import { parse } from 'yaml'

const folder = new URL('../../ops/kubernetes/', import.meta.url)

export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
}

/** What a ServiceMonitor says of how to scrape. */
export interface Endpoint {
  port: string
  path: string
  interval: string
  honorLabels?: boolean
  relabelings: Relabeling[]
  metricRelabelings?: Relabeling[]
}

export interface Relabeling {
  action?: string
  regex?: string
  sourceLabels?: string[]
  targetLabel?: string
  replacement?: string
}

export function manifestText(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8')
}

export function readManifest(file: string): unknown {
  return parse(manifestText(file))
}

/** Every file of the folder that holds an object of a cluster. */
export function manifestFiles(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml'))
    .toSorted()
}

/** Those that `kubectl apply -k` takes, by way of the folders that it names. */
export function takenFiles(within = ''): string[] {
  const { resources } = readManifest(`${within}kustomization.yaml`) as { resources: string[] }
  return resources.flatMap(resource => (resource.endsWith('.yaml') ? [within + resource] : takenFiles(`${within}${resource}/`)))
}

export const deployment = (): IDeployment => readManifest('deployment.yaml') as IDeployment
export const topicsJob = (): IJob => readManifest('topics.yaml') as IJob
export const service = (): IService => readManifest('service.yaml') as IService
export const settings = (): IConfigMap => readManifest('settings.yaml') as IConfigMap
export const budget = (): IPodDisruptionBudget => readManifest('pod-disruption-budget.yaml') as IPodDisruptionBudget
export const networkPolicy = (): INetworkPolicy => readManifest('network-policy.yaml') as INetworkPolicy

/** The one endpoint of a ServiceMonitor. */
export function endpointOf(file: string): Endpoint {
  const {
    spec: {
      endpoints: [endpoint],
    },
  } = readManifest(file) as { spec: { endpoints: Endpoint[] } }
  if (endpoint === undefined) throw new Error(`${file} has no endpoint`)
  return endpoint
}
