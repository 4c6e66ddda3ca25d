import { spawnSync } from 'node:child_process'
import { lockedPackages } from './lockfile.ts'

// Writes a bill of what is shipped, in CycloneDX 1.5, to standard output (npm run sbom). npm's own `--omit=dev` leaves out what development
// needs as well (npm 11 left out yaml, on which we depend ourselves), so all is asked for and the rest taken away here.

interface Bill {
  components: { 'bom-ref': string; name: string; version: string }[]
  dependencies: { ref: string; dependsOn?: string[] }[]
}

const command = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
const { stdout, stderr, status } = spawnSync('npm', command, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
if (status !== 0) throw new Error(`npm made no bill: ${stderr.slice(-2_000)}`)

const bill = JSON.parse(stdout) as Bill
const shipped = new Set(lockedPackages().filter(({ isDev }) => !isDev).map(({ name, version }) => `${name}@${version}`))
const components = bill.components.filter(({ name, version }) => shipped.has(`${name}@${version}`))
const others = new Set(bill.components.filter(each => !components.includes(each)).map(each => each['bom-ref']))
const dependencies = bill.dependencies.filter(({ ref }) => !others.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(each => !others.has(each)) }))
console.log(JSON.stringify({ ...bill, components, dependencies }, null, 2))
