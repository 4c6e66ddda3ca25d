import { writeFileSync } from 'node:fs'
import { metricsDocument } from '../src/prometheus/metrics-document.ts'

// Writes the documents that are generated from the source (npm run docs).

writeFileSync(new URL('metrics.md', import.meta.url), metricsDocument())
console.log('docs/metrics.md is written')
