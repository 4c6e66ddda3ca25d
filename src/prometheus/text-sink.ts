/** A stretch of a page. */
export interface Stretch {
  chunks: readonly Buffer[]
}

/** Where text goes, chunk by chunk, and where the memory for the next comes from. */
export interface TextSink<S extends Stretch = Stretch> {
  /** Of at least so many bytes; it may have served before. */
  buffer: (atLeast: number) => Buffer
  /** The first bytes of a buffer that was asked for; whoever wrote them does not touch them again. */
  add: (chunk: Buffer) => void
  /** Resolves once there is room for more. */
  room: () => Promise<void>
  /** All that was added. Nothing can be added any more. */
  end: () => Promise<S>
}

/** Keeps the text as it is. */
export class PlainSink implements TextSink {
  readonly chunks: Buffer[] = []

  buffer(atLeast: number): Buffer {
    return Buffer.allocUnsafeSlow(atLeast)
  }

  add(chunk: Buffer): void {
    this.chunks.push(chunk)
  }

  async room(): Promise<void> {}

  async end(): Promise<Stretch> {
    return this
  }
}
