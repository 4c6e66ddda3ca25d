import type { TopicDifference, TopicFacts } from './topic-facts.ts'

/**
 * The partition count that the inputs and the checkpoint topic must share: that of the checkpoints if there are any, else what most topics
 * with records have, or most topics if none has records; null where none of them exists.
 */
export function settledCount(facts: readonly TopicFacts[]): number | null {
  const counted = countedTopics(facts)
  const withRecords = counted.filter(({ empty }) => !empty)
  const checkpoints = withRecords.find(({ role }) => role === 'checkpoints')
  if (checkpoints !== undefined) return checkpoints.partitions
  return mostCommon((withRecords.length > 0 ? withRecords : counted).map(({ partitions }) => partitions))
}

/** The topics whose partition count is not the one that all must share. */
export function partitionDifferences(facts: readonly TopicFacts[]): TopicDifference[] {
  const counted = countedTopics(facts)
  const settled = settledCount(counted)
  const most = Math.max(...counted.map(({ partitions }) => partitions))
  return counted.filter(({ partitions }) => partitions !== settled).map(({ topic, partitions, empty }) => ({
    topic, what: 'partitions', is: String(partitions), wanted: String(settled), severity: 'rule',
    why: 'an input’s partition 3 has its counts in checkpoint partition 3',
    mend: empty ? madeAnew(topic, Number(settled)) : wayOut(most),
  }))
}

/** How to get another number of partitions where events are counted already; one step a line. */
export function wayOut(partitions: number): string {
  return [
    `partitions cannot be added to counts that exist. To have ${partitions} of them:`,
    `1. make new topics: discovery-metrics topics --kafka.topic-prefix=NEW. --topics.partitions=${partitions}`,
    '2. start a second deployment beside the first: discovery-metrics serve --kafka.topic-prefix=NEW. --kafka.group-id=NEW',
    '   (let Prometheus scrape it under a job of its own: both have shards of the same names)',
    '3. point the agents at the new topics',
    '4. end the old deployment when its topics are drained (discovery_aggregator_lag_records is 0). Where partitions were added',
    '   already, it counts no more, and what the old topics got since then is in no count',
  ].join('\n')
}

function madeAnew(topic: string, partitions: number): string {
  return [
    `a topic that never held a record may be deleted; discovery-metrics topics then makes it anew with --topics.partitions=${partitions}:`,
    `kafka-topics --bootstrap-server … --delete --topic ${topic}`,
  ].join('\n')
}

/** Dead letters go to any partition. */
function countedTopics(facts: readonly TopicFacts[]): TopicFacts[] {
  return facts.filter(({ role }) => role !== 'deadLetters')
}

/** Of several equally common, the first. */
function mostCommon(numbers: readonly number[]): number | null {
  const times = (number: number) => numbers.filter(other => other === number).length
  return numbers.reduce<number | null>((best, number) => best === null || times(number) > times(best) ? number : best, null)
}
