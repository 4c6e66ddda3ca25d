import { describe, expect, it } from 'vitest'
import { brokerKinds } from '../../broker/broker.ts'
import type { Availability, Broker, BrokerKind, Way } from '../../broker/broker.ts'
import { externalWay } from '../../broker/external.ts'
import { allWays, chooseWay, findBroker } from '../../broker/find.ts'

const yes: Availability = { available: true, detail: 'here' }
const no = (reason: string): Availability => ({ available: false, reason })

const done = (): Promise<void> => Promise.resolve()

function fakeBroker(kind: BrokerKind): Broker {
  return { kind, brokers: [`${kind}:9092`], kill: done, start: done, pause: done, resume: done, stop: done }
}

/** The three ways, each with a fixed answer; `asked` says which were asked. */
function fakeWays(answers: Readonly<Record<BrokerKind, Availability>>): { ways: Way[]; asked: BrokerKind[] } {
  const asked: BrokerKind[] = []
  const ways = brokerKinds.map((kind): Way => ({
    kind,
    available() {
      asked.push(kind)
      return Promise.resolve(answers[kind])
    },
    open: () => Promise.resolve(fakeBroker(kind)),
  }))
  return { ways, asked }
}

describe('a broker is found in the order external, docker, java', () => {
  it('by default', () => {
    expect(allWays.map(({ kind }) => kind)).toEqual(['external', 'docker', 'java'])
  })

  it.each([
    { answers: { external: yes, docker: yes, java: yes }, found: 'external' },
    { answers: { external: no('unset'), docker: yes, java: yes }, found: 'docker' },
    { answers: { external: no('unset'), docker: no('off'), java: yes }, found: 'java' },
  ])('and $found is the first that can be had', async ({ answers, found }) => {
    const { ways } = fakeWays(answers)
    const broker = await findBroker({ env: {}, ways })
    expect(broker).toMatchObject({ kind: found, brokers: [`${found}:9092`] })
  })

  it('and a later way is not asked once one can be had', async () => {
    const { ways, asked } = fakeWays({ external: no('unset'), docker: yes, java: yes })
    expect(await chooseWay({ env: {}, ways })).toMatchObject({ kind: 'docker', detail: 'here' })
    expect(asked).toEqual(['external', 'docker'])
  })

  it('and where none can be had, one error names the three ways and what was missing', async () => {
    const { ways } = fakeWays({ external: no('unset'), docker: no('off'), java: no('no java') })
    const error: unknown = await findBroker({ env: {}, ways }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'NO_BROKER' })
    for (const part of ['KAFKA_BROKERS=host:port', 'Docker engine', 'Java 17 and Maven', 'external: unset', 'docker: off', 'java: no java']) {
      expect(String(error)).toContain(part)
    }
  })
})

describe('BROKER forces a way', () => {
  it.each(brokerKinds)('and %s is then the only one that is asked', async (kind) => {
    const { ways, asked } = fakeWays({ external: yes, docker: yes, java: yes })
    const broker = await findBroker({ env: { BROKER: kind }, ways })
    expect(broker.kind).toBe(kind)
    expect(asked).toEqual([kind])
  })

  it('and where it cannot be had, no other is taken', async () => {
    const { ways } = fakeWays({ external: yes, docker: no('off'), java: yes })
    await expect(findBroker({ env: { BROKER: 'docker' }, ways })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'BROKER=docker cannot be had: docker: off',
    })
  })

  it('and a word that is no way is refused', async () => {
    const { ways, asked } = fakeWays({ external: yes, docker: yes, java: yes })
    await expect(findBroker({ env: { BROKER: 'podman' }, ways })).rejects.toMatchObject({ code: 'BAD_CHOICE' })
    expect(asked).toEqual([])
  })
})

describe('an external broker', () => {
  const ways = [externalWay]

  it('is what KAFKA_BROKERS lists', async () => {
    const broker = await findBroker({ env: { KAFKA_BROKERS: 'a:9092, b:9093' }, ways })
    expect(broker.brokers).toEqual(['a:9092', 'b:9093'])
  })

  it('is refused where an address has no port', async () => {
    await expect(findBroker({ env: { KAFKA_BROKERS: 'a:9092,b' }, ways })).rejects.toMatchObject({
      code: 'BAD_CHOICE',
      message: 'KAFKA_BROKERS has "b" in it: give host:port, several of them with commas between',
    })
  })

  it('is not there where KAFKA_BROKERS is empty', async () => {
    await expect(findBroker({ env: { KAFKA_BROKERS: ' ' }, ways })).rejects.toMatchObject({ code: 'NO_BROKER' })
  })

  it.each(['kill', 'start', 'pause', 'resume'] as const)('is not ours to %s', async (fault) => {
    const broker = await findBroker({ env: { KAFKA_BROKERS: 'a:9092' }, ways })
    await expect(broker[fault]()).rejects.toMatchObject({ code: 'NOT_OURS' })
  })
})
