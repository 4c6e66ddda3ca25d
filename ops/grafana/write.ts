import { mkdirSync, writeFileSync } from 'node:fs'
import { dashboardFiles } from './dashboards.ts'

// Writes the dashboards as Grafana reads them (node ops/grafana/write.ts).

const folder = new URL('dashboards/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [name, text] of dashboardFiles()) writeFileSync(new URL(name, folder), text)
console.log(`${dashboardFiles().size} dashboards are written to ops/grafana/dashboards`)
