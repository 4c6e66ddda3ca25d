import { collectDefaultMetrics, Registry } from 'prom-client'
import { readQuery } from '../../ops/promql.ts'
import { cacheResults, instanceStatuses, lookupOutcomes, registrationOperations, registrationOutcomes } from '../../src/contract/events.ts'
import { labelValues } from '../../src/core/names.ts'
import { findingsFamily } from '../../src/prometheus/findings-family.ts'
import { foldFamilies } from '../../src/prometheus/fold-family.ts'
import { ownFamilies, type OwnFamily } from '../../src/prometheus/own-families.ts'

/** The labels of every series that can be asked for, by its name. */
export type Vocabulary = Map<string, Set<string>>

/** What Prometheus attaches: to the fold's series `job` alone, to a replica's own its address, too. */
const ATTACHED = 'job'

/** Every series of the tables of families, as it is stored. */
export function familyVocabulary(): Vocabulary {
  const vocabulary: Vocabulary = new Map()
  const add = ({ name, type, labels }: Pick<OwnFamily, 'name' | 'labels'> & { type: string }, attached: readonly string[]): void => {
    for (const [suffix, more] of suffixes(type)) vocabulary.set(`${name}${suffix}`, new Set([...labels, ...more, ...attached]))
  }
  for (const family of foldFamilies) add(family, ['shard', ATTACHED])
  add(findingsFamily, ['shard', ATTACHED])
  for (const family of Object.values<OwnFamily>(ownFamilies)) add(family, ['instance', ATTACHED])
  return vocabulary
}

function suffixes(type: string): [suffix: string, labels: string[]][] {
  if (type === 'histogram') return [['_bucket', ['le']], ['_sum', []], ['_count', []]]
  return type === 'summary' ? [['_sum', []], ['_count', []]] : [['', []]]
}

/** Adds what is neither of the fold nor our own: a process' metrics, and those that Prometheus makes itself. */
export function addAttached(vocabulary: Vocabulary): Vocabulary {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const { name } of registry.getMetricsAsArray()) vocabulary.set(name, new Set(['instance', ATTACHED]))
  vocabulary.set('up', new Set(['instance', ATTACHED]))
  vocabulary.set('ALERTS', new Set(['alertname', 'alertstate', 'severity', 'namespace', 'service', 'kind', ATTACHED]))
  return vocabulary
}

const outcomes = new Map([
  ['discovery_lookups', labelValues(lookupOutcomes)], ['discovery_registrations', labelValues(registrationOutcomes)],
])
const values = new Map<string, readonly string[]>([
  ['operation', labelValues(registrationOperations)], ['result', labelValues(cacheResults)], ['status', labelValues(instanceStatuses)],
  ['cache', ['hit', 'other']], ['state', ['active', 'silent']],
])

/** What an expression asks for that the vocabulary does not have: names, labels, and values where the contract lists them. */
export function faultsOf(expression: string, vocabulary: Vocabulary): string[] {
  const { selectors, groupings } = readQuery(expression)
  const unknown = selectors.filter(({ name }) => !vocabulary.has(name)).map(({ name }) => `there is no ${name}`)
  const lacks = (name: string, label: string): boolean => vocabulary.get(name)?.has(label) === false
  return [
    ...unknown,
    ...selectors.flatMap(({ name, matchers }) => matchers.flatMap(({ label, operator, value }) => [
      ...(lacks(name, label) ? [`${name} has no ${label}`] : []),
      ...alternatives(operator, value).filter(each => knownValues(name, label)?.includes(each) === false)
        .map(each => `${label} of ${name} is never ${each}`),
    ])),
    ...groupings.flatMap(({ labels, selectors: about }) => labels.flatMap(label =>
      about.filter(({ name }) => lacks(name, label)).map(({ name }) => `${name} has no ${label}`))),
  ]
}

/** The values that a matcher names; none of a pattern that is more than a list of them. */
function alternatives(operator: string, value: string): string[] {
  if (!operator.endsWith('~')) return [value]
  return /^[\w|]+$/.test(value) ? value.split('|') : []
}

function knownValues(name: string, label: string): readonly string[] | undefined {
  if (label !== 'outcome') return values.get(label)
  return [...outcomes].find(([family]) => name.includes(family))?.[1]
}
