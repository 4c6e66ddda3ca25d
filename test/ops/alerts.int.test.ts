import { beforeAll, describe, expect, it } from 'vitest'
import { alertGroups } from '../../ops/alerts/table.ts'
import { ensureTools } from '../support/toolchain.ts'
import { promtoolRules } from './promtool.ts'
import { shippedGroups, tryAlert, tryAmongAll } from './alerts/trials.ts'

describe('the shipped alerts', () => {
  beforeAll(() => ensureTools(['promtool']), 600_000)

  it.each(['alerts.yml', 'objective-rules.yml'])('are rules as Prometheus reads them: %s', async file => {
    expect(await promtoolRules('check', file)).toMatchObject({ code: 0 })
  })

  it.each(alertGroups.flatMap(({ alerts }) => alerts.map(({ name }) => name)))(
    '%s is silent one step short of it, calls when it should, and then no more', async name => {
      expect(await tryAlert(name, shippedGroups())).toMatchObject({ code: 0 })
    }, 240_000,
  )

  it.each(alertGroups.flatMap(({ alerts }) => alerts.map(({ name }) => name)))('no others call than those that are told where %s is tried', async name => {
    expect(await tryAmongAll(name, shippedGroups())).toMatchObject({ code: 0 })
  }, 240_000)
})
