import { readFileSync, readdirSync } from 'node:fs'
import { parse } from 'yaml'
import { readQuery } from '../../ops/promql.ts'
import { familyVocabulary, type Vocabulary } from './vocabulary.ts'

const configurations = ['prometheus.yml', 'without-honor-labels.yml']
const folder = new URL('../../ops/prometheus/', import.meta.url)

export interface RecordingRule {
  record: string
  expr: string
  labels?: Record<string, string>
}

export interface AlertingRule {
  alert: string
  expr: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

/** The rules of a file, in its order. */
export function rulesIn<R extends RecordingRule | AlertingRule>(file: string): R[] {
  return (parse(readFileSync(new URL(file, folder), 'utf8')) as { groups: { rules: R[] }[] }).groups.flatMap(({ rules }) => rules)
}

/** All that the shipped files record, what others read first. */
export function everyRecord(): RecordingRule[] {
  return ['recording.yml', 'objective-rules.yml'].flatMap(file => rulesIn<RecordingRule>(file))
}

/** Files of rules, and those that the configuration names. */
export function ruleFiles(): { shipped: string[]; loaded: string[] } {
  const { rule_files: loaded } = parse(readFileSync(new URL('prometheus.yml', folder), 'utf8')) as { rule_files: string[] }
  return { shipped: readdirSync(folder).filter(isOfRules).toSorted(), loaded: loaded.toSorted() }
}

function isOfRules(file: string): boolean {
  return file.endsWith('.yml') && !file.endsWith('.test.yml') && !configurations.includes(file)
}

/**
 * The families' series, and what is recorded of them: a record has the labels of its outermost sum or
 * match, or else of what it asks for first, and those that the rule gives it.
 */
export function wholeVocabulary(recorded: readonly RecordingRule[]): Vocabulary {
  const vocabulary = familyVocabulary()
  for (const { record, expr, labels = {} } of recorded) {
    const { groupings, selectors } = readQuery(expr)
    const kept = groupings[0]?.labels ?? [...vocabulary.get(selectors[0]?.name ?? '') ?? []]
    const bucketed = expr.startsWith('histogram_quantile(') ? kept.filter(label => label !== 'le') : kept
    vocabulary.set(record, new Set([...bucketed, ...Object.keys(labels)]))
  }
  return vocabulary
}

/** The families' series that each record comes from, by way of others. */
export function sourcesOf(recorded: readonly RecordingRule[]): Map<string, Set<string>> {
  const sources = new Map<string, Set<string>>()
  for (const { record, expr } of recorded) {
    const direct = readQuery(expr).selectors.map(({ name }) => name)
    sources.set(record, new Set(direct.flatMap(name => [...sources.get(name) ?? [name]])))
  }
  return sources
}
