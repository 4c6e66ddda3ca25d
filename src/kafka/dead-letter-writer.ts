import type { DeadLetterLog } from '../aggregator/dead-letters.ts'
import { cutLetter, letterRecord, type DeadLetter } from '../contract/dead-letters.ts'
import { INPUT_MAX_MESSAGE_BYTES } from '../contract/topics.ts'
import { KafkaError } from './errors.ts'
import type { TopicWriter } from './topic-writer.ts'

/** Where letters that the topic does not take whole are cut to, one after the other; the last keeps nothing but where they came from. */
const CUTS = [INPUT_MAX_MESSAGE_BYTES, INPUT_MAX_MESSAGE_BYTES / 8, 0]

/**
 * Appends letters to the dead-letter topic, to the partition of their own number if there is one. Any of its partitions will do: after a
 * failure the next one is tried, since a checkpoint waits for it. What the topic does not take together goes one by one, and what it does
 * not take whole, cut: no record can keep a checkpoint from being written.
 */
export class DeadLetterWriter implements DeadLetterLog {
  readonly #topic: Pick<TopicWriter, 'append' | 'partitions'>
  #failures = 0

  constructor(topic: Pick<TopicWriter, 'append' | 'partitions'>) {
    this.#topic = topic
  }

  readonly append: DeadLetterLog['append'] = async (partition, letters) => {
    try {
      const place = (partition + this.#failures) % Math.max(1, await this.#topic.partitions())
      if (await this.#isTaken(place, letters)) return letters
      const stored: DeadLetter[] = []
      for (const letter of letters) if (await this.#isTakenCut(place, letter)) stored.push(letter)
      return stored
    } catch (error) {
      this.#failures++
      throw error
    }
  }

  async #isTakenCut(partition: number, letter: DeadLetter): Promise<boolean> {
    if (await this.#isTaken(partition, [letter])) return true
    for (const most of CUTS) if (await this.#isTaken(partition, [cutLetter(letter, most)])) return true
    return false
  }

  /** False if it is too large for the topic. */
  async #isTaken(partition: number, letters: readonly DeadLetter[]): Promise<boolean> {
    try {
      await this.#topic.append(partition, letters.map(letterRecord))
      return true
    } catch (error) {
      if (error instanceof KafkaError && error.code === 'batch_too_large') return false
      throw error
    }
  }
}
