import { describe, expect, it } from 'vitest'
import { isWell, reportOf, type Outcome } from '../../src/commands/topics-report.ts'
import { differencesOf } from '../../src/kafka/topic-rules.ts'
import { topicsWith } from '../kafka/topic-facts-of.ts'

const access = { brokers: ['kafka-1:9092', 'kafka-2:9092'], user: '' }
const well: Outcome = { refusal: null, missing: [], differences: [], check: false }
const unread = differencesOf(topicsWith({ lookups: { settings: null } }))
const recommended = differencesOf(topicsWith({ checkpoints: { settings: { 'segment.ms': '99999' } } }))
const broken = differencesOf(topicsWith({ lookups: { settings: { 'cleanup.policy': 'compact' } } }))

describe('the outcome of topics', () => {
  it.each<[string, Partial<Outcome>, boolean, boolean]>([
    ['nothing differs', {}, true, true],
    ['something is recommended', { differences: recommended }, true, false],
    ['something cannot be checked', { differences: unread }, true, false],
    ['a rule is broken', { differences: broken }, false, false],
    ['a topic is missing', { missing: ['a'] }, false, false],
    ['something was refused', { refusal: { what: 'that', mend: '' } }, false, false],
  ])('where %s', (...[, part, plain, checked]) => {
    expect([isWell({ ...well, ...part }), isWell({ ...well, ...part, check: true })]).toEqual([plain, checked])
  })
})

describe('the report of topics', () => {
  it('is one line where nothing differs', () => {
    expect(reportOf(well, access)).toEqual(['all topics are as they should be'])
  })

  it('tells rules, then what cannot be checked, then recommendations, and ends with what it means', () => {
    const lines = reportOf({ ...well, missing: ['a', 'b'], differences: [...recommended, ...unread, ...broken] }, access)
    expect(lines.filter(line => /^\S/.test(line))).toEqual([
      'missing topics', 'broken rules: counts can be wrong, or the service cannot run', 'cannot be checked',
      'recommendations: nothing becomes wrong without them', 'not fit to run: 2 topics missing, 1 rule broken',
    ])
  })

  it('says how to let settings be read, for whom we are logged in as, and that nothing is certain', () => {
    expect(reportOf({ ...well, differences: unread }, { ...access, user: 'metrics' })).toEqual([
      'cannot be checked',
      '  discovery.lookups.v1',
      '    settings  is not readable  should be readable  '
      + 'Kafka does not allow us DescribeConfigs, so nobody knows whether the rules are kept',
      '  to mend:',
      '    kafka-acls --bootstrap-server kafka-1:9092,kafka-2:9092 --add --allow-principal User:metrics --operation DescribeConfigs'
      + ' --topic discovery.lookups.v1',
      '',
      'perhaps fit to run: no broken rule was seen, but not all could be checked',
    ])
  })

  it('tells one way out once, however many topics need it', () => {
    const grown = { partitions: 6 }
    const differences = differencesOf(topicsWith({ lookups: grown, agents: grown }))
    const lines = reportOf({ ...well, differences }, access)
    expect(lines.filter(line => line.includes('is 6'))).toHaveLength(2)
    expect(lines.filter(line => line.includes('partitions cannot be added'))).toHaveLength(1)
  })
})
