import { describe, expect, it } from 'vitest'
import { partitionDifferences, settledCount, wayOut } from '../../src/kafka/partition-counts.ts'
import { describeDifference } from '../../src/kafka/topic-facts.ts'
import { names, topicsWith } from './topic-facts-of.ts'

describe('the partition count that holds', () => {
  it('is the one that all topics have, of what topics there are', () => {
    expect([settledCount(topicsWith()), settledCount(topicsWith().slice(0, 1)), settledCount([])]).toEqual([4, 4, null])
  })

  it('is not asked of dead letters', () => {
    expect(settledCount(topicsWith({ deadLetters: { partitions: 9 } }).slice(4))).toBeNull()
  })

  it('is the checkpoints’ where there are any, whatever most topics have', () => {
    const grown = { partitions: 6 }
    expect(settledCount(topicsWith({ registrations: grown, lookups: grown, agents: grown }))).toBe(4)
  })

  it('is that of the topics with records where there are no checkpoints', () => {
    const empty = { empty: true }
    expect(settledCount(topicsWith({ registrations: empty, agents: empty, checkpoints: empty, lookups: { partitions: 6 } }))).toBe(6)
  })

  it('is that of most topics where nothing has records', () => {
    const empty = { empty: true }
    const grown = { registrations: empty, agents: empty, checkpoints: { ...empty, partitions: 4 }, lookups: { ...empty, partitions: 6 } }
    expect(settledCount(topicsWith(grown))).toBe(4)
  })
})

describe('partitions that were added', () => {
  it('are told of the topic that has them, with the way out for as many', () => {
    expect(partitionDifferences(topicsWith({ lookups: { partitions: 6 } }))).toEqual([{
      topic: names.lookups, what: 'partitions', is: '6', wanted: '4', severity: 'rule',
      why: 'an input’s partition 3 has its counts in checkpoint partition 3', mend: wayOut(6),
    }])
  })

  it('cannot be added: new topics, a second deployment beside the first, agents pointed there, the old one ended', () => {
    const steps = wayOut(6).split('\n')
    expect(steps[0]).toBe('partitions cannot be added to counts that exist. To have 6 of them:')
    expect(steps[1]).toContain('discovery-metrics topics --kafka.topic-prefix=NEW. --topics.partitions=6')
    expect(steps[2]).toContain('discovery-metrics serve --kafka.topic-prefix=NEW. --kafka.group-id=NEW')
    expect(steps.slice(4)).toEqual([
      '3. point the agents at the new topics',
      expect.stringMatching(/^4. end the old deployment when its topics are drained/),
      expect.stringContaining('what the old topics got since then is in no count'),
    ])
  })

  it('are told of all inputs where all were given them', () => {
    const grown = { partitions: 6 }
    const said = partitionDifferences(topicsWith({ registrations: grown, lookups: grown, agents: grown }))
    expect(said.map(({ topic, is, wanted }) => [topic, is, wanted]))
      .toEqual([names.registrations, names.lookups, names.agents].map(topic => [topic, '6', '4']))
  })
})

describe('a topic made with another partition count', () => {
  it('can be made anew as long as it never held a record', () => {
    const [said] = partitionDifferences(topicsWith({ checkpoints: { partitions: 1, empty: true } }))
    expect(said).toMatchObject({ topic: names.checkpoints, is: '1', wanted: '4', severity: 'rule' })
    expect(said?.mend).toBe('a topic that never held a record may be deleted; discovery-metrics topics then makes it anew '
      + 'with --topics.partitions=4:\nkafka-topics --bootstrap-server … --delete --topic discovery.checkpoints.v1')
  })
})

describe('partitions that were added, in a log', () => {
  it('are told in one line', () => {
    const [said] = partitionDifferences(topicsWith({ lookups: { partitions: 6 } }))
    const line = said === undefined ? '' : describeDifference(said)
    expect(line).toMatch(new RegExp('^discovery\\.lookups\\.v1: partitions is 6, should be 4 \\(.*\\); to mend it: '
      + 'partitions cannot be added to counts that exist\\. To have 6 of them: 1\\. make .*; 2\\. start .*; 3\\. point .*; 4\\. end .*$'))
  })
})
