import { ByteText } from './byte-text.ts'
import { escapeLabelValue } from './text.ts'

/** The labels of samples as text, the opening brace included and the closing one not; those that were asked for last are kept. */
export class LabelText {
  /** What stands before each label's value. */
  readonly #starts: readonly Buffer[]
  readonly #text = new ByteText()
  /** What stands behind the last label's value. */
  #end: Buffer = Buffer.alloc(0)
  #values: readonly string[] = []
  #last: Buffer = Buffer.alloc(0)

  constructor(labels: readonly string[]) {
    this.#starts = labels.map((label, index) => Buffer.from(`${index === 0 ? '{' : '",'}${label}="`))
  }

  /** The samples that follow are of that shard. */
  beginShard(shard: string): void {
    this.#end = Buffer.from(`",shard="${escapeLabelValue(shard)}",instance=""`)
    this.#values = []
  }

  /** `values`: as many as there are labels, in their order. */
  of(values: readonly string[]): Buffer {
    if (!this.#isLast(values)) {
      this.#values = values
      this.#last = this.#written(values)
    }
    return this.#last
  }

  #isLast(values: readonly string[]): boolean {
    const last = this.#values
    for (let index = 0; index < this.#starts.length; index++) if (values[index] !== last[index]) return false
    return true
  }

  #written(values: readonly string[]): Buffer {
    for (let index = 0; index < this.#starts.length; index++) {
      this.#text.writeBytes(this.#starts[index] as Buffer)
      this.#text.writeLabelValue(values[index] ?? '')
    }
    this.#text.writeBytes(this.#end)
    const [only = Buffer.alloc(0), ...more] = this.#text.take()
    return more.length === 0 ? only : Buffer.concat([only, ...more])
  }
}
