import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readQuery } from '../../ops/promql.ts'
import { recordingDocument } from '../../ops/prometheus/recording-document.ts'
import { recordingFile } from '../../ops/prometheus/recording.ts'
import { foldFamilies } from '../../src/prometheus/fold-family.ts'
import { everyRecord, ruleFiles, rulesIn, sourcesOf, wholeVocabulary, type AlertingRule, type RecordingRule } from './rules.ts'
import { faultsOf } from './vocabulary.ts'

const recorded = rulesIn<RecordingRule>('recording.yml')
const alerts = rulesIn<AlertingRule>('alerts.yml')
const objectives = rulesIn<RecordingRule>('objective-rules.yml')
const vocabulary = wholeVocabulary(everyRecord())
const windows = ['5m', '30m', '1h', '6h']

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe('the shipped rules', () => {
  it('are all loaded by the shipped configuration', () => {
    const { shipped, loaded } = ruleFiles()
    expect(loaded).toEqual(shipped)
    expect(shipped).toEqual(['alerts.yml', 'objective-rules.yml', 'recording.yml'])
  })

  it('ask only for series and labels that there are', () => {
    expect(recorded.length).toBeGreaterThan(100)
    expect([...recorded, ...objectives].flatMap(({ expr }) => faultsOf(expr, vocabulary))).toEqual([])
    expect(alerts.length).toBeGreaterThan(20)
    expect(alerts.flatMap(({ expr }) => faultsOf(expr, vocabulary))).toEqual([])
  })

  it('tell people only of labels that their alerts have', () => {
    const told = alerts.flatMap(({ alert, expr, annotations }) => {
      const has = new Set(labelsOf(expr))
      const named = Object.values(annotations).flatMap(text => [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label ?? ''))
      return named.map(label => ({ alert, label, there: has.has(label) }))
    })
    expect(told.length).toBeGreaterThan(5)
    expect(told.filter(({ there }) => !there)).toEqual([])
  })
})

describe('the recording rules', () => {
  it('are what their table says, as is docs/recording-rules.md: run node ops/prometheus/write.ts', () => {
    expect(read('ops/prometheus/recording.yml')).toBe(recordingFile())
    expect(read('docs/recording-rules.md')).toBe(recordingDocument())
  })

  it('take the rate of each series of the fold before they add anything up, over the window in their name', () => {
    const rated = recorded.filter(({ expr }) => expr.includes('rate('))
    expect(rated.length).toBeGreaterThan(40)
    const wrong = rated.filter(({ record, expr }) => {
      const [, series = '', window = ''] = /^sum by \([\w, ]+\) \(rate\((\w+)\[(\w+)\]\)\)$/.exec(expr) ?? []
      return !series.startsWith('discovery_') || !record.endsWith(`:rate${window}`)
    })
    expect(wrong).toEqual([])
    expect(recorded.filter(({ expr }) => /increase\(|\w{2,}_over_time\((?!discovery_instances\[)|\[\w+:/.test(expr))).toEqual([])
  })

  it('mix no two windows', () => {
    const mixed = recorded.filter(({ record, expr }) => readQuery(expr).selectors.some(({ name }) =>
      name.includes(':') && windowOf(name) !== windowOf(record)))
    expect(mixed).toEqual([])
  })

  it('rate every counter and histogram of services at the namespace and the cluster, and the graph between namespaces', () => {
    const sources = sourcesOf(recorded)
    const isRated = (level: string, window: string, family: string): boolean => [...sources].some(([record, from]) =>
      record.startsWith(level) && record.endsWith(`:rate${window}`) && [family, `${family}_bucket`].some(series => from.has(series)))
    const counted = foldFamilies.filter(({ type }) => type === 'counter' || type === 'histogram')
    const missing = (level: string, label: string): string[] => counted.filter(({ labels }) => labels.includes(label)).flatMap(({ name }) =>
      windows.filter(window => !isRated(level, window, name)).map(window => `${level} ${name} ${window}`))

    expect(counted.filter(({ labels }) => labels.includes('service'))).toHaveLength(10)
    expect([...missing('namespace', 'service'), ...missing('cluster', 'service'), ...missing('namespace_edge', 'server')]).toEqual([])
  })

  it('filter out no value of a name, so that what was folded together stays in every sum', () => {
    const names = new Set(
      ['namespace', 'service', 'client', 'server', 'client_service_namespace', 'server_service_namespace', 'version', 'code'])
    const matched = recorded.flatMap(({ expr }) => readQuery(expr).selectors.flatMap(({ matchers }) => matchers.map(({ label }) => label)))
    expect(matched).toContain('outcome')
    expect(matched.filter(label => names.has(label))).toEqual([])
  })

  it('are named after the labels that they keep', () => {
    const level: Record<string, string[]> = {
      namespace: ['namespace'], cluster: [], namespace_edge: ['client_service_namespace', 'server_service_namespace'],
    }
    const wrong = recorded.filter(({ record, labels = {} }) => {
      const prefix = record.split(':')[0] ?? ''
      const name = ['namespace_edge', 'namespace', 'cluster'].find(each => prefix === each || prefix.startsWith(`${each}_`)) ?? ''
      const kept = prefix.slice(name.length).split('_').filter(label => label !== '')
      const named = ['job', ...level[name] ?? [], ...kept, ...Object.keys(labels)]
      return named.toSorted().join() !== [...vocabulary.get(record) ?? []].toSorted().join()
    })
    expect(wrong).toEqual([])
  })
})

function windowOf(name: string): string {
  return /rate(\d+[mh])$/.exec(name)?.[1] ?? ''
}

/** Labels of what an alert's expression gives: of its first grouping, or else of what it asks for. */
function labelsOf(expression: string): Iterable<string> {
  const { selectors, groupings } = readQuery(expression)
  return groupings[0]?.labels ?? vocabulary.get(selectors[0]?.name ?? '') ?? []
}
