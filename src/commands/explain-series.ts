import type { AnyCell } from '../core/cells.ts'
import type { Family } from '../core/family.ts'
import { countOf, type Histogram } from '../core/histogram.ts'
import type { Naming } from '../core/naming.ts'
import { exposed, exposedBounds, foldFamilies } from '../prometheus/fold-family.ts'
import { escapeLabelValue, numberText } from '../prometheus/text.ts'
import type { Selector } from '../verify/selector.ts'

/** A family, and which of its samples a name stands for. */
export interface NamedFamily {
  family: Family
  /** Of a histogram or a summary named by itself: sum and count. */
  suffixes: readonly string[]
}

export interface Sample {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
}

const suffixesOf: Record<Family['type'], readonly string[]> = {
  counter: [''], gauge: [''], histogram: ['_sum', '_count', '_bucket'], summary: ['_sum', '_count'],
}

/** The family whose samples have that name; null if there is none. */
export function familyNamed(name: string): NamedFamily | null {
  for (const family of foldFamilies) {
    const suffix = suffixesOf[family.type].find(each => family.name + each === name)
    if (suffix !== undefined) return { family, suffixes: [suffix] }
    if (family.name === name) return { family, suffixes: ['_sum', '_count'] }
  }
  return null
}

/** The families whose names have most words in common with that one. */
export function similarNames(name: string, most = 5): string[] {
  const words = new Set(name.toLowerCase().split(/[_:]/).filter(word => word !== 'discovery' && word !== ''))
  const score = (family: Family) => family.name.split('_').filter(word => isLike(words, word)).length
  return foldFamilies.map(family => ({ name: family.name, score: score(family) })).filter(each => each.score > 0)
    .toSorted((one, other) => other.score - one.score).slice(0, most).map(each => each.name)
}

function isLike(words: ReadonlySet<string>, word: string): boolean {
  return [...words].some(each => each === word || (each.length > 3 && word.length > 3 && (each.startsWith(word.slice(0, 4)))))
}

/** What is asked for by names as they were sent, by those that they are counted under. */
export function countedAs({ name, labels }: Selector, naming: Naming): Selector {
  const made: Partial<Record<string, (sent: string) => string>> = {
    namespace: sent => naming.namespace(sent), client_namespace: sent => naming.namespace(sent),
    service: sent => naming.service(sent), client: sent => naming.client(sent), version: sent => naming.version(sent),
  }
  return { name, labels: new Map([...labels].map(([label, value]) => [label, made[label]?.(value) ?? value])) }
}

/** Labels that no sample of the family has. */
export function unknownLabels({ labels }: Selector, { family, suffixes }: NamedFamily): string[] {
  const known = new Set([...family.labels, 'shard', 'instance', ...(suffixes.includes('_bucket') ? ['le'] : [])])
  return [...labels.keys()].filter(label => !known.has(label))
}

/** The samples of a cell that the selector is about. */
export function samplesOf(cell: AnyCell, { named: { family, suffixes }, shard, labels: wanted }: {
  named: NamedFamily
  shard: string
  labels: ReadonlyMap<string, string>
}): Sample[] {
  const samples: Sample[] = []
  const add = (sample: Sample) => {
    if ([...wanted].every(([label, value]) => (sample.labels[label] ?? '') === value)) samples.push(sample)
  }
  family.read(cell, (values, value) => {
    const labels = { ...Object.fromEntries(family.labels.map((label, index) => [label, values[index] ?? ''])), shard }
    if (typeof value === 'number') add({ name: family.name, labels, value })
    else for (const part of partsOf(family, value, suffixes)) add({ ...part, labels: { ...labels, ...part.labels } })
  })
  return samples
}

function partsOf(family: Family, histogram: Histogram, suffixes: readonly string[]): Sample[] {
  const { name, unit } = family
  return suffixes.flatMap((suffix): Sample[] => {
    if (suffix === '_sum') return [{ name: `${name}_sum`, labels: {}, value: exposed(histogram.sum, unit) }]
    if (suffix === '_count') return [{ name: `${name}_count`, labels: {}, value: countOf(histogram) }]
    let cumulative = 0
    return [...exposedBounds(family), Infinity].map((bound, bucket) => {
      cumulative += histogram.counts[bucket] ?? 0
      return { name: `${name}_bucket`, labels: { le: numberText(bound) }, value: cumulative }
    })
  })
}

/** As the text format writes it. */
export function seriesText({ name, labels }: Sample): string {
  return `${name}{${Object.entries(labels).map(([label, value]) => `${label}="${escapeLabelValue(value)}"`).join(',')}}`
}
