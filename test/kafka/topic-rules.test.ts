import { describe, expect, it } from 'vitest'
import type { TopicNames } from '../../src/contract/topics.ts'
import { describeDifference } from '../../src/kafka/topic-facts.ts'
import { differencesOf } from '../../src/kafka/topic-rules.ts'
import { names, topicsWith } from './topic-facts-of.ts'

type Name = keyof TopicNames

/** What is said of one topic with one setting changed. */
function saidOf(name: Name, [setting, value]: readonly [string, string], replicas = 1) {
  return differencesOf(topicsWith({ [name]: { settings: { [setting]: value } } }, replicas))
    .map(({ topic, what, is, wanted, severity, set }) => ({ topic, what, is, wanted, severity, set }))
}

describe('topics as they are made', () => {
  it.each([1, 2, 3, 5])('differ in nothing with %i replicas', replicas => {
    expect(differencesOf(topicsWith({}, replicas), replicas)).toEqual([])
  })

  it('may be part of them only', () => {
    expect([differencesOf([]), differencesOf(topicsWith().slice(3))]).toEqual([[], []])
  })
})

describe('a rule is broken', () => {
  it.each<[Name, string, string, string, string]>([
    ['registrations', 'message.timestamp.type', 'CreateTime', 'LogAppendTime', 'LogAppendTime'],
    ['agents', 'message.timestamp.type', 'CreateTime', 'LogAppendTime', 'LogAppendTime'],
    ['checkpoints', 'message.timestamp.type', 'CreateTime', 'LogAppendTime', 'LogAppendTime'],
    ['lookups', 'unclean.leader.election.enable', 'true', 'false', 'false'],
    ['checkpoints', 'unclean.leader.election.enable', 'true', 'false', 'false'],
    ['lookups', 'cleanup.policy', 'compact', 'delete', 'delete'],
    ['lookups', 'cleanup.policy', 'delete,compact', 'delete', 'delete'],
    ['deadLetters', 'cleanup.policy', 'compact', 'delete', 'delete'],
    ['deadLetters', 'max.message.bytes', '1114111', '1114112 or more', '1114112'],
    ['checkpoints', 'cleanup.policy', 'delete', 'compact', 'compact'],
    ['checkpoints', 'cleanup.policy', 'compact,delete', 'compact', 'compact'],
    ['checkpoints', 'min.compaction.lag.ms', '119999', '120000 or more', '120000'],
    ['checkpoints', 'max.compaction.lag.ms', '119999', '120000 or more', '600000'],
    ['checkpoints', 'delete.retention.ms', '86399999', '86400000 or more', '86400000'],
    ['checkpoints', 'max.message.bytes', '8388607', '8388608 or more', '8388608'],
  ])('where of the %s %s is %s', (...[name, what, is, wanted, set]) => {
    expect(saidOf(name, [what, is])).toEqual([{ topic: names[name], what, is, wanted, severity: 'rule', set }])
  })

  it.each<[Name, number, string, string, string]>([
    ['checkpoints', 3, '1', '2 or more', '2'],
    ['lookups', 5, '1', '2 or more', '2'],
    ['checkpoints', 3, '4', '3 or less', '2'],
    ['lookups', 1, '2', '1 or less', '1'],
    ['deadLetters', 2, '3', '2 or less', '1'],
  ])('where of the %s with %i replicas %s must be in sync', (...[name, replicas, is, wanted, set]) => {
    expect(saidOf(name, ['min.insync.replicas', is], replicas))
      .toEqual([{ topic: names[name], what: 'min.insync.replicas', is, wanted, severity: 'rule', set }])
  })

  it('is told with the reason and the command that mends it', () => {
    const [difference] = differencesOf(topicsWith({ checkpoints: { settings: { 'cleanup.policy': 'delete' } } }))
    expect(difference && describeDifference(difference)).toBe('discovery.checkpoints.v1: cleanup.policy is delete, should be compact '
      + '(deletion by age would lose counts); to mend it: kafka-configs --bootstrap-server … --alter '
      + '--topic discovery.checkpoints.v1 --add-config cleanup.policy=compact')
  })
})

describe('no more than a recommendation is', () => {
  it.each<[Name, string, string, string, string]>([
    ['checkpoints', 'max.compaction.lag.ms', '600001', '600000 or less', '600000'],
    ['checkpoints', 'max.compaction.lag.ms', '9223372036854775807', '600000 or less', '600000'],
    ['checkpoints', 'segment.ms', '60001', '60000 or less', '60000'],
    ['lookups', 'max.message.bytes', '1048575', '1048576 or more', '1048576'],
    ['deadLetters', 'message.timestamp.type', 'CreateTime', 'LogAppendTime', 'LogAppendTime'],
    ['deadLetters', 'unclean.leader.election.enable', 'true', 'false', 'false'],
  ])('of the %s %s %s', (...[name, what, is, wanted, set]) => {
    expect(saidOf(name, [what, is])).toEqual([{ topic: names[name], what, is, wanted, severity: 'recommendation', set }])
  })

  it('a dead letter that one of three replicas has', () => {
    expect(saidOf('deadLetters', ['min.insync.replicas', '1'], 3)).toMatchObject([{ wanted: '2 or more', severity: 'recommendation' }])
  })

  it('fewer replicas than there could be', () => {
    expect(differencesOf(topicsWith({ lookups: { replicas: 2 } }, 3), 3)).toEqual([{
      topic: names.lookups, what: 'replication factor', is: '2', wanted: '3 or more', severity: 'recommendation',
      why: 'fewer brokers may fail',
      mend: 'move discovery.lookups.v1 to 3 replicas with kafka-reassign-partitions',
    }])
  })
})

const sizes = (input: string, letters: string) => differencesOf(topicsWith({
  agents: { settings: { 'max.message.bytes': input } }, deadLetters: { settings: { 'max.message.bytes': letters } },
})).map(({ topic, is, wanted, severity, set }) => ({ topic, is, wanted, severity, set }))

describe('the dead-letter topic takes 64 KiB more than the largest input', () => {
  it('or a rule is broken', () => {
    const topic = names.deadLetters
    expect(sizes('2000000', '2065535')).toEqual([{ topic, is: '2065535', wanted: '2065536 or more', severity: 'rule', set: '2065536' }])
    expect(sizes('2000000', '2065536')).toEqual([])
  })

  it('also where that is Kafka’s own default, which is twelve bytes above the contract’s', () => {
    const topic = names.deadLetters
    expect(sizes('1048588', '1114112')).toEqual([{ topic, is: '1114112', wanted: '1114124 or more', severity: 'rule', set: '1114124' }])
    expect(sizes('1048588', '1114124')).toEqual([])
  })

  it('and the contract’s input size counts where the inputs take less, or do not tell', () => {
    expect(sizes('2000', '1114111').map(({ severity }) => severity)).toEqual(['recommendation', 'rule'])
    const untold = differencesOf(topicsWith({ registrations: { settings: null }, deadLetters: { settings: { 'max.message.bytes': '1114111' } } }))
    expect(untold.map(({ topic, severity }) => [topic, severity])).toEqual([[names.registrations, 'unchecked'], [names.deadLetters, 'rule']])
  })

  it('and of a record above 16 MiB a letter has only a part', () => {
    expect(sizes('16777217', '99999999')).toEqual([
      { topic: names.agents, is: '16777217', wanted: '16777216 or less', severity: 'recommendation', set: '16777216' }])
  })
})

describe('nothing is said', () => {
  it.each<[Name, string, string]>([
    ['checkpoints', 'delete.retention.ms', '864000000'],
    ['checkpoints', 'segment.ms', '1000'],
    ['checkpoints', 'max.compaction.lag.ms', '300000'],
    ['checkpoints', 'max.message.bytes', '16777216'],
    ['checkpoints', 'min.compaction.lag.ms', '240000'],
    ['lookups', 'retention.ms', '-1'],
    ['deadLetters', 'max.message.bytes', '9000000'],
  ])('of the %s where %s is %s, which is as good or better', (name, setting, value) => {
    expect(saidOf(name, [setting, value])).toEqual([])
  })

  it('of more replicas that must be in sync, as long as there are as many', () => {
    expect(saidOf('lookups', ['min.insync.replicas', '3'], 3)).toEqual([])
  })

  it('of dead letters that have a partition count of their own', () => {
    expect(differencesOf(topicsWith({ deadLetters: { partitions: 1 } }))).toEqual([])
  })

  it('against a longest lag that the shortest one forces up, but that it is long', () => {
    const settings = { 'min.compaction.lag.ms': '900000', 'max.compaction.lag.ms': '900000' }
    expect(differencesOf(topicsWith({ checkpoints: { settings } }))).toEqual([])
  })
})

describe('what Kafka does not tell', () => {
  it('breaks no rule: where we may not read the settings, it says how to allow it', () => {
    expect(differencesOf(topicsWith({ checkpoints: { settings: null } }))).toEqual([{
      topic: names.checkpoints, what: 'settings', is: 'not readable', wanted: 'readable', severity: 'unchecked',
      why: 'Kafka does not allow us DescribeConfigs, so nobody knows whether the rules are kept',
      mend: 'kafka-acls --bootstrap-server … --add --allow-principal User:… --operation DescribeConfigs --topic discovery.checkpoints.v1',
    }])
  })

  it('breaks no rule: where a broker knows no such setting, it says which', () => {
    const facts = topicsWith().map(each => {
      const settings = new Map(each.settings)
      for (const name of ['unclean.leader.election.enable', 'segment.ms']) settings.delete(name)
      return { ...each, settings }
    })
    const said = differencesOf(facts).map(({ topic, what, is, severity }) => [topic, what, is, severity])
    expect(said).toEqual([names.registrations, names.lookups, names.agents, names.checkpoints]
      .map(topic => [topic, 'unclean.leader.election.enable', 'not told', 'unchecked']))
  })
})
