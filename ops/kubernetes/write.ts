import { writeFileSync } from 'node:fs'
import { prometheusRule } from './prometheus-rule.ts'

// Writes the rules of ops/prometheus as the Prometheus operator takes them (node ops/kubernetes/write.ts).

writeFileSync(new URL('monitoring/prometheus-rule.yaml', import.meta.url), prometheusRule())
console.log('ops/kubernetes/monitoring/prometheus-rule.yaml is written')
