import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { Service } from 'kubernetes-models/v1/Service'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { describe, expect, it } from 'vitest'
import { prometheusRule, ruleFiles } from '../../ops/kubernetes/prometheus-rule.ts'
import { serveOptions } from '../../src/commands/serve.ts'
import { variableOf } from '../../src/config.ts'
import { operations } from '../../src/http/openapi/operations.ts'
import {
  budget,
  deployment,
  endpointOf,
  manifestFiles,
  manifestText,
  networkPolicy,
  readManifest,
  service,
  settings,
  takenFiles,
  topicsJob,
  type Manifest,
} from './manifests.ts'
import { rulesIn } from './rules.ts'

const LABELS = { 'app.kubernetes.io/name': 'discovery-metrics' }

/** Validators of Kubernetes' and the Prometheus operator's published schemas, by kind. */
const validators: Record<string, new (data: never) => { validate: () => void }> = {
  ConfigMap,
  Deployment,
  Job,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  PrometheusRule,
  Service,
  ServiceAccount,
  ServiceMonitor,
}

function validate(manifest: unknown): void {
  const { kind } = manifest as Manifest
  const Model = validators[kind]
  if (Model === undefined) throw new Error(`there is no schema of ${kind} here`)
  new Model(manifest as never).validate()
}

describe('the manifests', () => {
  it('are all taken by the kustomization, but the monitor that stands in for another, and the job that makes topics', () => {
    const left = manifestFiles().filter(file => !takenFiles().includes(file))
    expect(left).toEqual(['monitoring/service-monitor-without-honor-labels.yaml', 'topics.yaml'])
    expect(takenFiles().filter(file => !manifestFiles().includes(file))).toEqual([])
  })

  it.each(manifestFiles())('are valid by the published schemas: %s', file => {
    expect(() => validate(readManifest(file))).not.toThrow()
  })

  it('would not be with a text where a number belongs, nor without what is required', () => {
    const { spec, ...rest } = readManifest('deployment.yaml') as { spec: object }
    expect(() => validate({ ...rest, spec: { ...spec, replicas: 'two' } })).toThrow('replicas')
    const rule = readManifest('monitoring/prometheus-rule.yaml') as object
    expect(() => validate({ ...rule, spec: { groups: [{ name: 'x', rules: [{ record: 'y' }] }] } })).toThrow('expr')
  })

  it('belong to one application, which all selectors choose', () => {
    const all = manifestFiles().map(file => readManifest(file) as Manifest)
    expect(
      all.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.labels?.['app.kubernetes.io/name'] !== metadata.name),
    ).toEqual([])
    const { spec } = deployment()
    expect([
      spec?.selector.matchLabels,
      spec?.template.metadata?.labels,
      service().spec?.selector,
      budget().spec?.selector?.matchLabels,
      networkPolicy().spec?.podSelector?.matchLabels,
    ]).toEqual(Array.from({ length: 5 }, () => LABELS))
    for (const file of manifestFiles().filter(each => each.includes('service-monitor'))) {
      expect(readManifest(file)).toMatchObject({ spec: { selector: { matchLabels: LABELS } } })
    }
  })
})

describe('the pods', () => {
  const pod = deployment().spec?.template.spec
  const container = pod?.containers[0]

  it.each([deployment(), topicsJob()])('are nobody special: no root, no privileges, no token, nothing to write to: $kind', ({ spec }) => {
    const own = spec?.template.spec
    expect(own).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(own?.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(readManifest('namespace.yaml')).toMatchObject({ metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } })
  })

  it('are asked whether they are ready and healthy, where they answer', () => {
    expect(container?.readinessProbe?.httpGet).toEqual({ path: '/-/ready', port: 'http' })
    expect(container?.livenessProbe?.httpGet).toEqual({ path: '/-/healthy', port: 'http' })
    expect(operations.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/-/ready', '/-/healthy', endpointOf('monitoring/service-monitor.yaml').path]),
    )
    expect(container?.ports).toEqual([{ name: 'http', containerPort: 9464 }])
    expect(service().spec?.ports).toMatchObject([{ name: 'http', targetPort: 'http' }])
  })

  it('have the memory that they ask for bounded, and time to end', () => {
    expect(container?.resources).toMatchObject({ requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '2Gi' } })
    // A replica is gone within ten seconds of SIGTERM (src/commands/serve.ts).
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(10)
  })

  it('are set by variables that are settings', () => {
    const known = Object.keys(serveOptions).map(variableOf)
    expect(Object.keys(settings().data ?? {}).filter(name => !known.includes(name))).toEqual([])
  })

  it('go one after another, a new one first', () => {
    expect(deployment().spec?.replicas).toBeGreaterThanOrEqual(2)
    expect(deployment().spec?.strategy?.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 })
    expect(budget().spec?.maxUnavailable).toBe(1)
  })

  it('are reached by those that read them, and reach names and Kafka', () => {
    const { policyTypes, ingress, egress } = networkPolicy().spec ?? {}
    expect(policyTypes).toEqual(['Ingress', 'Egress'])
    expect(ingress?.flatMap(({ ports }) => ports?.map(({ port }) => port))).toEqual(['http'])
    expect(egress?.flatMap(({ ports }) => ports?.map(({ port }) => port))).toEqual([53, 53, 9092, 9093, 8081])
  })
})

describe('what the Prometheus operator is given', () => {
  it('lets our labels win, and drops what tells replicas apart', () => {
    expect(endpointOf('monitoring/service-monitor.yaml')).toMatchObject({
      honorLabels: true,
      relabelings: [{ action: 'labeldrop', regex: 'pod' }],
    })
  })

  it('is every rule of ops/prometheus: run node ops/kubernetes/write.ts', () => {
    expect(manifestText('monitoring/prometheus-rule.yaml')).toBe(prometheusRule())
    const {
      spec: { groups },
    } = readManifest('monitoring/prometheus-rule.yaml') as { spec: { groups: { rules: unknown[] }[] } }
    expect(groups.flatMap(({ rules }) => rules)).toEqual(ruleFiles().flatMap(file => rulesIn(file)))
    expect(ruleFiles()).toEqual(expect.arrayContaining(['alerts.yml', 'recording.yml']))
  })
})
