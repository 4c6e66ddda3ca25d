import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { families } from '../../src/core/families.ts'
import { ownFamilies } from '../../src/prometheus/own-families.ts'
import { ensureTools } from '../support/toolchain.ts'
import { readFileSync } from 'node:fs'

const folder = fileURLToPath(new URL('../../ops/prometheus/', import.meta.url))

async function promtool(...args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn('promtool', args, { cwd: folder })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, said: out + err }
}

describe('the shipped alerts', () => {
  beforeAll(() => ensureTools(['promtool']), 600_000)

  it('are rules as Prometheus reads them', async () => {
    expect(await promtool('check', 'rules', 'alerts.yml')).toMatchObject({ code: 0 })
  })

  it('call when they should, and only then', async () => {
    expect(await promtool('test', 'rules', 'alerts.test.yml')).toMatchObject({ code: 0 })
  })

  it('ask only for families that there are', () => {
    const known = new Set([...families, ...Object.values(ownFamilies)].map(({ name }) => name))
    const asked = new Set(readFileSync(`${folder}alerts.yml`, 'utf8').match(/discovery_\w+/g))
    expect([...asked].filter(name => !known.has(name))).toEqual([])
    expect(asked.size).toBeGreaterThan(5)
  })
})
