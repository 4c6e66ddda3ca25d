import type { Consumer } from 'kafkajs'

/** When the last request that keeps the session alive was sent, of those that were answered without error. */
export class Heartbeats {
  #sentAt = Date.now()
  #answered = Date.now()

  /** `onAnswer`: told of each heartbeat that is answered. */
  constructor(consumer: Consumer, onAnswer: () => void) {
    const { events } = consumer
    consumer.on(events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'Heartbeat' || payload.apiName === 'SyncGroup') this.#sentAt = payload.sentAt
    })
    consumer.on(events.HEARTBEAT, () => {
      this.answered()
      onAnswer()
    })
  }

  /** Milliseconds since the last one that was answered was sent. */
  get age(): number {
    return Date.now() - this.#answered
  }

  /** The last one sent has been answered. */
  answered(): void {
    this.#answered = this.#sentAt
  }
}
