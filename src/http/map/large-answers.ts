import type { Response } from 'express'
import { Problem } from '../problem.ts'
import { reset } from '../stream.ts'

/** Answers of more edges than the largest page has are large: each takes seconds of one core, a few turns at a time. */
const LARGE_EDGES = 10_000
const MOST_AT_ONCE = 2
/** A client that reads nothing for so long is cut off: it keeps others out. */
const STALL_MS = 30_000

/** Lets only so many large answers be written at a time: the others are told to ask for pages, or later. */
export class LargeAnswers {
  readonly #stallMs: number
  #open = 0

  constructor(stallMs = STALL_MS) {
    this.#stallMs = stallMs
  }

  /** To be called before the first byte of an answer of so many edges. Throws a problem if there is no room for it. */
  admit(res: Response, edges: number): void {
    if (edges <= LARGE_EDGES) return
    if (this.#open >= MOST_AT_ONCE) {
      throw new Problem('too_many_large_answers',
        `${MOST_AT_ONCE} answers of more than ${LARGE_EDGES} edges are being written, and no more are; this would have ${edges}. ` +
        'Ask for pages with limit, for less, or again later.')
    }
    this.#open++
    res.once('close', () => { this.#open-- })
    res.setTimeout(this.#stallMs, () => reset(res))
  }
}
