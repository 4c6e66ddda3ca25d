import type { Broker, Way } from './broker.ts'
import { BrokerError } from './errors.ts'

/** The broker that `KAFKA_BROKERS` names, as `host:port[,host:port…]`. It is used as it is and never asked whether it is there. */
export const externalWay: Way = {
  kind: 'external',
  available({ env }) {
    const text = env['KAFKA_BROKERS'] ?? ''
    if (text.trim() === '') return Promise.resolve({ available: false, reason: 'KAFKA_BROKERS is not set' })
    return Promise.resolve({ available: true, detail: parseBrokers(text).join(',') })
  },
  open({ env }) {
    return Promise.resolve(externalBroker(parseBrokers(env['KAFKA_BROKERS'] ?? '')))
  },
}

function parseBrokers(text: string): string[] {
  const brokers = text.split(',').map((address) => address.trim())
  const bad = brokers.find((address) => !/^.+:\d+$/.test(address))
  if (bad === undefined) return brokers
  throw new BrokerError('BAD_CHOICE', `KAFKA_BROKERS has "${bad}" in it: give host:port, several of them with commas between`)
}

function externalBroker(brokers: string[]): Broker {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new BrokerError(
        'NOT_OURS',
        `${brokers.join(',')} is an external broker and is not killed or paused: set BROKER=docker or BROKER=java for one that may be`,
      ),
    )
  return { kind: 'external', brokers, kill: refuse, start: refuse, pause: refuse, resume: refuse, stop: () => Promise.resolve() }
}
