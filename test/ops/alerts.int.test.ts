import { beforeAll, describe, expect, it } from 'vitest'
import { ensureTools } from '../support/toolchain.ts'
import { promtoolRules } from './promtool.ts'

describe('the shipped alerts', () => {
  beforeAll(() => ensureTools(['promtool']), 600_000)

  it('are rules as Prometheus reads them', async () => {
    expect(await promtoolRules('check', 'alerts.yml')).toMatchObject({ code: 0 })
  })

  it('call when they should, and only then', async () => {
    expect(await promtoolRules('test', 'alerts.test.yml')).toMatchObject({ code: 0 })
  })
})
