import type { ProducerBatch } from 'kafkajs'
import type { Outgoing } from './encoder.ts'

/** What a batch counts for. */
export function unitsIn(batch: readonly Outgoing[]): number {
  return batch.reduce((sum, { units }) => sum + units, 0)
}

/** A batch in two, its order kept; a single event is not divided. */
export function halves(batch: readonly Outgoing[]): Outgoing[][] {
  const middle = Math.ceil(batch.length / 2)
  return [batch.slice(0, middle), batch.slice(middle)].filter(part => part.length > 0)
}

/** A batch topic by topic, the order within each kept. */
export function byTopic(batch: readonly Outgoing[]): Outgoing[][] {
  const topics = new Map<string, Outgoing[]>()
  for (const event of batch) {
    const events = topics.get(event.topic)
    if (events === undefined) topics.set(event.topic, [event])
    else events.push(event)
  }
  return [...topics.values()]
}

/** As kafkajs takes it. Every replica in sync acknowledges. */
export function producerBatch(batch: readonly Outgoing[]): ProducerBatch {
  const topicMessages = byTopic(batch).map(events => ({
    topic: events[0]?.topic ?? '',
    messages: events.map(({ key, value }) => ({ key, value })),
  }))
  return { acks: -1, topicMessages }
}
