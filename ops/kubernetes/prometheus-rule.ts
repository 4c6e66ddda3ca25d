import { readFileSync, readdirSync } from 'node:fs'
import { parse, stringify } from 'yaml'

const rules = new URL('../prometheus/', import.meta.url)
const INTRODUCTION = `\
# Written by \`node ops/kubernetes/write.ts\` from the rules of ops/prometheus; a test fails when it is stale.
`

/** The files of `ops/prometheus` that hold rules. */
export function ruleFiles(): string[] {
  return readdirSync(rules)
    .filter(name => name.endsWith('.yml') && !name.endsWith('.test.yml'))
    .toSorted()
    .filter(name => groupsOf(name).length > 0)
}

/** The text of `monitoring/prometheus-rule.yaml`: every group of every file of rules, as the Prometheus operator takes them. */
export function prometheusRule(): string {
  const resource = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'discovery-metrics', labels: { 'app.kubernetes.io/name': 'discovery-metrics' } },
    spec: { groups: ruleFiles().flatMap(groupsOf) },
  }
  return INTRODUCTION + stringify(resource, { lineWidth: 130, singleQuote: true })
}

function groupsOf(file: string): unknown[] {
  const { groups = [] } = parse(readFileSync(new URL(file, rules), 'utf8')) as { groups?: unknown[] }
  return groups
}
