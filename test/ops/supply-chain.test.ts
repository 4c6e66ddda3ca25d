import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { auditVerdict } from '../../ops/supply-chain/audit.ts'
import { licenceFaults, licencesDocument } from '../../ops/supply-chain/licences.ts'
import { lockedPackages, type LockedPackage } from '../../ops/supply-chain/lockfile.ts'

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const packages = lockedPackages()
const shipped = packages.filter(({ isDev }) => !isDev)
const one: LockedPackage = { name: 'one', version: '1.0.0', licence: 'MIT', isDev: false, hasInstallScript: false, integrity: 'sha512-x' }

describe('what is shipped', () => {
  it('has licences that are allowed, all listed in docs/licences.md', () => {
    expect(shipped.map(({ name }) => name)).toEqual(expect.arrayContaining(['express', 'kafkajs', 'prom-client', '@node-rs/bcrypt']))
    expect(licenceFaults(packages)).toEqual([])
    expect(textOf('docs/licences.md'), 'run npm run docs').toBe(licencesDocument(packages))
  })

  it('is told of where a licence is not allowed or not named', () => {
    expect(licenceFaults([one, { ...one, licence: 'GPL-3.0' }, { ...one, licence: undefined }, { ...one, licence: 'GPL-3.0', isDev: true }]))
      .toEqual(['one 1.0.0: GPL-3.0', 'one 1.0.0: no licence is named'])
  })

  it('runs nothing when it is installed, nor do we', () => {
    expect(shipped.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)).toEqual([])
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
    expect(Object.keys(scripts).filter(name => /^(pre|post)?(install|prepare)$|^prepublish$/.test(name))).toEqual([])
  })

  it('is locked by version and digest, and named by exact versions', () => {
    expect(packages.filter(({ version, integrity }) => !/^\d+\.\d+\.\d+/.test(version) || integrity?.startsWith('sha512-') !== true).map(({ name }) => name)).toEqual([])
    const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>
    expect(Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })
})

describe('an audit', () => {
  const counts = { info: 0, low: 1, moderate: 2, high: 0, critical: 0 }

  it('is clean where nothing is high or critical', () => {
    expect(auditVerdict(JSON.stringify({ vulnerabilities: {}, metadata: { vulnerabilities: counts } }))).toMatchObject({ result: 'clean' })
  })

  it('is told package by package where something is', () => {
    const bad = { name: 'left', severity: 'critical', range: '<2.0.0', via: [{ title: 'Everything is read' }, 'right'] }
    const mild = { name: 'mild', severity: 'moderate', range: '*', via: [] }
    const report = { vulnerabilities: { left: bad, mild }, metadata: { vulnerabilities: { ...counts, critical: 1 } } }
    expect(auditVerdict(JSON.stringify(report))).toEqual({
      result: 'vulnerable', text: 'npm audit knows of 1 vulnerabilities that are high or critical in what is shipped:\n  left <2.0.0: critical, Everything is read',
    })
  })

  it.each([
    ['{"message":"405 Method Not Allowed","error":{"summary":""}}', 'NOT AUDITED: 405 Method Not Allowed'],
    ['{"error":{"code":"ENOAUDIT","summary":"Your configured registry does not support audit requests."}}', 'NOT AUDITED: Your configured registry does not'],
    ['', 'NOT AUDITED: npm said nothing that could be read'],
    ['null', 'NOT AUDITED: npm said nothing'],
    ['<html>', 'NOT AUDITED: npm said nothing'],
    ['{}', 'NOT AUDITED: no reason is told'],
  ])('that nobody could make is neither clean nor not: %j', (output, text) => {
    expect(auditVerdict(output)).toEqual({ result: 'not_audited', text: expect.stringContaining(text) as string })
  })
})
