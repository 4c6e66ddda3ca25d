import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RUNBOOKS } from '../../ops/alerts/alert.ts'
import { alertGroups, alertsDocument, alertsFile } from '../../ops/alerts/table.ts'
import { alertCases } from './alerts/trials.ts'
import { STEP } from './alerts/case.ts'
import { shownDashboards } from './dashboards.ts'
import { rulesIn, type AlertingRule } from './rules.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const alerts = alertGroups.flatMap(group => group.alerts)
const names = alerts.map(({ name }) => name)
const shipped = rulesIn<AlertingRule>('alerts.yml')

describe('the alerts', () => {
  it('are what their table says, as is docs/alerts.md: run node ops/prometheus/write.ts', () => {
    expect(read('ops/prometheus/alerts.yml')).toBe(alertsFile())
    expect(read('docs/alerts.md')).toBe(alertsDocument())
    expect(new Set(names).size).toBe(names.length)
  })

  it('say how bad it is, what and where it is, what to do, and where to look', () => {
    const incomplete = shipped.filter(({ labels, annotations: { summary = '', description = '', runbook_url: runbook, dashboard } }) =>
      !['critical', 'warning', 'info'].includes(labels['severity'] ?? '') || summary === '' || description === '' || !runbook || !dashboard)
    expect(incomplete).toEqual([])
  })

  it('each have a runbook that says what it means, how to look, and what to do, and there is none of no alert', () => {
    expect(readdirSync(new URL('docs/runbooks', root)).toSorted()).toEqual(names.map(name => `${name}.md`).toSorted())
    for (const { alert, annotations } of shipped) {
      expect(annotations['runbook_url']).toBe(`${RUNBOOKS}/${alert}.md`)
      const lines = read(`docs/runbooks/${alert}.md`).split('\n')
      expect(lines.filter(line => line.startsWith('#'))).toEqual([`# ${alert}`, '## What it means', '## How to look', '## What to do'])
    }
  })

  it('lead to a dashboard that there is, by variables that it has', () => {
    const dashboards = new Map(shownDashboards().map(({ uid, templating }) => [uid, templating.list.map(({ name }) => name)]))
    const wrong = shipped.flatMap(({ alert, annotations }) => {
      const [, uid = '', query = ''] = /^\/d\/([\w-]+)\?(.*)$/.exec(annotations['dashboard'] ?? '') ?? []
      const unknown = [...query.matchAll(/var-(\w+)=/g)].filter(([, name = '']) => !dashboards.get(uid)?.includes(name))
      return dashboards.has(uid) && unknown.length === 0 ? [] : [alert]
    })
    expect(wrong).toEqual([])
  })

  it('are each tried: one step short, in time and in what happens, calling, and over', () => {
    const complete = alertCases.filter(({ fires, over, short, step = STEP }) => fires >= step && over > fires && short.length > 0)
    expect(complete).toEqual(alertCases)
    expect(new Set(complete.map(({ alert }) => alert))).toEqual(new Set(names))
  })
})
