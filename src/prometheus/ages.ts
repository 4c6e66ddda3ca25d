import type { Gauge } from 'prom-client'

interface Labels {
  topic: string
  partition: number
}

/** When something last happened in each partition, shown as its age at the moment of a scrape. */
export class Ages {
  readonly #since = new Map<string, { labels: Labels; time: number }>()

  /** `time`: milliseconds since the epoch. */
  note(labels: Labels, time: number): void {
    this.#since.set(`${labels.topic}/${labels.partition}`, { labels, time })
  }

  forget({ topic, partition }: Labels): void {
    this.#since.delete(`${topic}/${partition}`)
  }

  show(gauge: Gauge, now: number): void {
    gauge.reset()
    for (const { labels: { topic, partition }, time } of this.#since.values()) {
      gauge.set({ topic, partition }, Math.max(0, now - time) / 1_000)
    }
  }
}
