import { topicNames, topicSpecs } from '../../src/contract/topics.ts'
import type { TopicFacts, TopicRole } from '../../src/kafka/topic-facts.ts'

export const names = topicNames('')
const roles: Record<keyof typeof names, TopicRole> = {
  registrations: 'input', lookups: 'input', agents: 'input', checkpoints: 'checkpoints', deadLetters: 'deadLetters',
}

export type Changes = Partial<Omit<TopicFacts, 'settings'>> & { settings?: Record<string, string> | null }

/** The contract's topics as `discovery-metrics topics` makes them, but for the changes. */
export function topicsWith(changes: Partial<Record<keyof typeof names, Changes>> = {}, replicas = 1): TopicFacts[] {
  return topicSpecs(names, { partitions: 4, replicationFactor: replicas }).map(({ topic, partitions, config }) => {
    const name = (Object.keys(names) as (keyof typeof names)[]).find(each => names[each] === topic) ?? 'lookups'
    const { settings = {}, ...change } = changes[name] ?? {}
    const all = settings === null ? null : new Map(Object.entries({ ...config, ...settings }))
    return { topic, role: roles[name], partitions, replicas, empty: false, settings: all, ...change }
  })
}
