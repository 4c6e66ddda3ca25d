import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { lockedPackages } from '../../ops/supply-chain/lockfile.ts'

interface Component {
  name: string
  version: string
  purl: string
  licenses?: readonly unknown[]
  hashes?: readonly { alg: string }[]
}

describe('npm run sbom', () => {
  it('writes a CycloneDX bill of what is shipped, with licences and digests', async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], { maxBuffer: 64 * 1024 * 1024 })
    const bill = JSON.parse(stdout) as { bomFormat: string; specVersion: string; metadata: { component: { purl: string } }; components: Component[] }
    expect([bill.bomFormat, bill.specVersion, bill.metadata.component.purl]).toEqual(['CycloneDX', '1.5', expect.stringMatching(/^pkg:npm\/discovery-metrics@/)])
    const shipped = lockedPackages().filter(({ isDev }) => !isDev).map(({ name, version }) => `${name}@${version}`)
    expect(new Set(bill.components.map(({ name, version }) => `${name}@${version}`))).toEqual(new Set(shipped))
    expect(bill.components.filter(({ licenses, purl, hashes }) => licenses === undefined || !purl.startsWith('pkg:npm/') || hashes?.[0]?.alg !== 'SHA-512')).toEqual([])
  })
})
