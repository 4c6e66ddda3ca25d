import { describe, expect, it } from 'vitest'
import { MAX_EVENT_BYTES } from '../../src/contract/bounds.ts'
import { CHECKPOINT_MAX_MESSAGE_BYTES, INPUT_MAX_MESSAGE_BYTES, inputTopics, topicNames, topicSpecs } from '../../src/contract/topics.ts'

describe('topic names', () => {
  it('are the contract\'s where no prefix is given', () => {
    expect(topicNames('')).toEqual({
      registrations: 'discovery.registrations.v1', lookups: 'discovery.lookups.v1', agents: 'discovery.agents.v1',
      checkpoints: 'discovery.checkpoints.v1', deadLetters: 'discovery.dead-letters.v1',
    })
  })

  it('all stand behind the prefix', () => {
    expect(Object.values(topicNames('test-7.'))).toEqual(Object.values(topicNames('')).map(name => `test-7.${name}`))
  })

  it('leave a second deployment\'s checkpoint topic as it was given, and the inputs shared', () => {
    const { checkpoints, ...others } = topicNames('eu.', 'mine')
    const { checkpoints: first, ...shared } = topicNames('eu.')
    expect([checkpoints, first, others]).toEqual(['mine', 'eu.discovery.checkpoints.v1', shared])
  })

  it('tell what each input carries, and what its shards are called', () => {
    expect(inputTopics(topicNames('eu.'))).toEqual([
      { topic: 'eu.discovery.registrations.v1', kind: 'registration', shard: 'registrations' },
      { topic: 'eu.discovery.lookups.v1', kind: 'lookup', shard: 'lookups' },
      { topic: 'eu.discovery.agents.v1', kind: 'agent', shard: 'agents' },
    ])
  })
})

describe('topic specifications', () => {
  const names = topicNames('eu.')
  const specs = topicSpecs(names, { partitions: 4, replicationFactor: 3 })
  const configOf = (topic: string) => specs.find(spec => spec.topic === topic)?.config

  it('name all five topics, with equal partition counts', () => {
    expect(specs.map(({ topic, partitions, replicationFactor }) => [topic, partitions, replicationFactor]))
      .toEqual(Object.values(names).map(topic => [topic, 4, 3]))
  })

  it('ask every topic for append times and for a leader that lost nothing', () => {
    for (const { config } of specs) {
      expect(config).toMatchObject({ 'message.timestamp.type': 'LogAppendTime', 'unclean.leader.election.enable': 'false' })
    }
  })

  it.each([[1, '1'], [2, '1'], [3, '2'], [5, '2']])('with %i replicas ask that %s be in sync', (replicationFactor, minimum) => {
    const minimums = topicSpecs(names, { partitions: 1, replicationFactor }).map(({ config }) => config['min.insync.replicas'])
    expect(minimums).toEqual(Array.from({ length: 5 }, () => minimum))
  })

  it('compact the checkpoints alone: not before two minutes, and within ten', () => {
    expect(specs.filter(({ config }) => config['cleanup.policy'] === 'compact').map(({ topic }) => topic)).toEqual([names.checkpoints])
    expect(configOf(names.checkpoints)).toMatchObject({
      'min.compaction.lag.ms': '120000', 'max.compaction.lag.ms': '600000', 'segment.ms': '60000',
    })
  })

  it('keep a checkpoint\'s tombstones for a day, and let a checkpoint be eight times the largest input batch', () => {
    expect(configOf(names.checkpoints)).toMatchObject({ 'delete.retention.ms': '86400000', 'max.message.bytes': '8388608' })
    expect(CHECKPOINT_MAX_MESSAGE_BYTES).toBe(8 * INPUT_MAX_MESSAGE_BYTES)
  })

  it('let a dead letter be larger than the largest input record', () => {
    expect(configOf(names.lookups)?.['max.message.bytes']).toBe(String(INPUT_MAX_MESSAGE_BYTES))
    expect(Number(configOf(names.deadLetters)?.['max.message.bytes'])).toBeGreaterThan(INPUT_MAX_MESSAGE_BYTES)
    expect(INPUT_MAX_MESSAGE_BYTES).toBeGreaterThan(MAX_EVENT_BYTES)
  })
})
