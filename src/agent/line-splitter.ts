export interface Line {
  /** From 1 on. */
  number: number
  /** Without its end; undefined: it is longer than the bound. */
  bytes: Buffer | undefined
}

export const LINE_FEED = 10

/** Cuts a stream of bytes into lines. Law: of what it was given it holds no more than the bound, whatever comes. */
export class LineSplitter {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #length = 0
  #number = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  *push(chunk: Buffer): Generator<Line, void, undefined> {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      this.#keep(chunk.subarray(start, end))
      yield this.#take()
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
  }

  /** The last line, if no end of line follows it. */
  *end(): Generator<Line, void, undefined> {
    if (this.#length > 0) yield this.#take()
  }

  #keep(part: Buffer): void {
    this.#length += part.length
    if (this.#length > this.#maxBytes) this.#parts = []
    else if (part.length > 0) this.#parts.push(part)
  }

  #take(): Line {
    this.#number += 1
    const bytes = this.#length > this.#maxBytes ? undefined : Buffer.concat(this.#parts)
    this.#parts = []
    this.#length = 0
    return { number: this.#number, bytes }
  }
}
