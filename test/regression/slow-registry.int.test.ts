import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { Availability } from '../../src/kafka/availability.ts'
import { TopicCluster } from '../../src/kafka/cluster.ts'
import { GroupMember } from '../../src/kafka/group-member.ts'
import { InputReader } from '../../src/kafka/input-reader.ts'
import { LogSite, numbered } from '../kafka/log-site.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'

const SESSION_MS = 6_000

/** A schema registry that hangs is waited for, for five seconds at a time, and a checkpoint too. The group would have dropped us meanwhile. */
it('a stretch that is waited for longer than a session lasts costs no heartbeat, and no partition', { timeout: 40_000 }, async () => {
  const { brokers } = sharedBroker()
  const prefix = uniquePrefix()
  const site = new LogSite({ brokers, prefix })
  await site.open()
  const topic = await site.topic('waits')
  await site.writer(topic).append(0, numbered(3))
  const [kafka, log] = [new Kafka({ brokers, logLevel: logLevel.NOTHING }), pino({ level: 'silent' })]
  const parts = { kafka, topics: [topic], availability: new Availability(log), log, random: Math.random }
  const done: string[] = []
  const ages: number[] = []
  const reader = new InputReader({ ...parts, open: (name, options) => TopicCluster.open(kafka, name, options) })
  const member = new GroupMember({
    ...parts, groupId: `${prefix}group`, sessionTimeout: SESSION_MS, reader, onCrash: ({ message }) => { done.push(message) },
    membership: { joined: () => { done.push('joined') }, left: () => { done.push('left') }, heartbeat: age => { ages.push(age) } },
  })
  const stop = new AbortController()
  const ingest = async (): Promise<{ folded: true }> => {
    done.push('waits')
    await delay(1.2 * SESSION_MS)
    done.push('folded')
    return { folded: true }
  }
  const reading = reader.run({ ingest, noteBounds: () => {} }, stop.signal)
  await member.start({ assign: ([first]) => { if (first !== undefined) reader.readFrom(first, 0) } })
  await until(() => done.includes('waits'), { message: 'the stretch is being folded' })
  done.length = 0
  ages.length = 0
  await until(() => done.includes('folded'), { message: 'the stretch is folded' })
  expect(done).toEqual(['folded'])
  expect(ages.length).toBeGreaterThan(5)
  expect(Math.max(...ages)).toBeLessThan(SESSION_MS / 2)
  stop.abort()
  await Promise.all([reading, member.stop()])
  await site.close()
})
