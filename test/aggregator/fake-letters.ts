import type { DeadLetterLog } from '../../src/aggregator/dead-letters.ts'
import type { DeadLetter } from '../../src/contract/dead-letters.ts'

/** The dead-letter topic in memory. */
export class FakeLetters implements DeadLetterLog {
  readonly stored: DeadLetter[] = []
  /** What an append waits for, or fails by, before the topic has it. */
  before: () => Promise<void> = () => Promise.resolve()
  /** What the topic takes. */
  takes: (letter: DeadLetter) => boolean = () => true

  readonly append: DeadLetterLog['append'] = async (_, letters) => {
    await this.before()
    const taken = letters.filter(letter => this.takes(letter))
    this.stored.push(...taken)
    return taken
  }
}

/** A topic that takes all, and of which nothing is asked. */
export const noLetters: DeadLetterLog = { append: async (_, letters) => letters }
