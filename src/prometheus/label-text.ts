import { Bytes } from './byte-text.ts'
import { escapeLabelValue } from './text.ts'

/** The labels of samples as text, the opening brace included and the closing one not. What is as it was is not written anew. */
export class LabelText {
  /** What stands before each label's value. */
  readonly #starts: readonly Bytes[]
  readonly #text = new Bytes()
  /** Where each label's value ends in it. */
  readonly #ends: number[]
  /** What stands behind the last label's value. */
  #end = new Bytes()
  #values: readonly string[] = []

  constructor(labels: readonly string[]) {
    this.#starts = labels.map((label, index) => Bytes.of(`${index === 0 ? '{' : '",'}${label}="`))
    this.#ends = labels.map(() => 0)
  }

  /** The samples that follow are of that shard. */
  beginShard(shard: string): void {
    this.#end = Bytes.of(`",shard="${escapeLabelValue(shard)}",instance=""`)
    this.#values = []
  }

  /** `values`: as many as there are labels, in their order. What is given stays so until the next is asked for. */
  of(values: readonly string[]): Bytes {
    const text = this.#text
    const starts = this.#starts
    const last = this.#values
    let index = 0
    while (index < starts.length && values[index] === last[index]) index++
    if (index === starts.length) return text
    text.length = index === 0 ? 0 : this.#ends[index - 1] as number
    for (; index < starts.length; index++) {
      text.add(starts[index] as Bytes)
      text.writeLabelValue(values[index] ?? '')
      this.#ends[index] = text.length
    }
    text.add(this.#end)
    this.#values = values
    return text
  }
}
