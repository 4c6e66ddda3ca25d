import { beforeAll, describe, expect, it } from 'vitest'
import { ensureTools } from '../support/toolchain.ts'
import { promtoolRules } from './promtool.ts'

describe('the shipped recording rules', () => {
  beforeAll(() => ensureTools(['promtool']), 600_000)

  it('are rules as Prometheus reads them', async () => {
    expect(await promtoolRules('check', 'recording.yml')).toMatchObject({ code: 0 })
  })

  it('record what was worked out by hand', async () => {
    expect(await promtoolRules('test', 'recording.test.yml')).toMatchObject({ code: 0 })
  })
})
