import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type { BrokerKind } from '../../broker/broker.ts'

/** What the set-up tells the test files, which run in processes of their own. */
export interface SharedBroker {
  readonly kind: BrokerKind
  /** `host:port`, as kafkajs takes them. */
  readonly brokers: string[]
}

declare module 'vitest' {
  interface ProvidedContext {
    broker: SharedBroker
  }
}

/**
 * The broker that all `int` and `e2e` tests share: use topics and groups under a {@link uniquePrefix}. A test that kills or pauses its broker
 * starts one of its own with `findBroker`.
 */
export function sharedBroker(): SharedBroker {
  return inject('broker')
}

/** `test-1a2b3c4d.`: to be put before the names of topics and groups, so that no two tests, and no two runs on one broker, meet. */
export function uniquePrefix(): string {
  return `test-${randomBytes(4).toString('hex')}.`
}
