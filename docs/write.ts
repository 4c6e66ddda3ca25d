import { writeFileSync } from 'node:fs'
import { licencesDocument } from '../ops/supply-chain/licences.ts'
import { lockedPackages } from '../ops/supply-chain/lockfile.ts'
import { metricsDocument } from '../src/prometheus/metrics-document.ts'

// Writes the documents that are generated from the source (npm run docs).

writeFileSync(new URL('metrics.md', import.meta.url), metricsDocument())
writeFileSync(new URL('licences.md', import.meta.url), licencesDocument(lockedPackages()))
console.log('docs/metrics.md and docs/licences.md are written')
