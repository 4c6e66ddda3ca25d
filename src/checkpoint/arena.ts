const FIRST_BYTES = 4_096
/** Of most chunks: small enough to be taken without a pause. */
const CHUNK_BYTES = 1_048_576
/** Blocks begin at multiples of this, so that an address of 32 bits reaches 32 GiB. */
const UNIT_BITS = 3
const PLACE_BITS = 17
const PLACE_MASK = 2 ** PLACE_BITS - 1
/** Before each block: whose it is, and its room. */
const HEADER_BYTES = 8
const NOBODY = -1
/** Once a quarter of all is waste, so many bytes are looked through, to be moved together, whenever a block is given back. */
const WASTE = 4
const AT_ONCE = 8_192

interface Chunk {
  readonly index: number
  readonly bytes: Buffer
  /** The same bytes. */
  readonly words: Int32Array
  /** Bytes that were taken so far, and those of them that were given back. */
  used: number
  wasted: number
}

/**
 * Blocks of bytes in a few large chunks, outside of the heap that garbage is collected from. A block may be moved whenever another one is
 * given back: its owner is told of its new address.
 */
export class Arena {
  readonly #chunks: (Chunk | null)[] = []
  readonly #freeIndexes: number[] = []
  readonly #moved: (owner: number, address: number) => void
  #open: Chunk | null = null
  /** What is being emptied, and how far it is. */
  #emptied: Chunk | null = null
  #emptiedTo = 0
  #bytes = 0
  /** Given back in chunks that nothing is taken from any more. */
  #wasted = 0

  constructor(moved: (owner: number, address: number) => void) {
    this.#moved = moved
  }

  /** Of all chunks. */
  get bytes(): number {
    return this.#bytes
  }

  /** A block with room for `size` bytes. `owner`: a number from zero on, by which it is called when the block moves. */
  take(owner: number, size: number): number {
    const whole = HEADER_BYTES + Math.max(1, Math.ceil(size / 2 ** UNIT_BITS)) * 2 ** UNIT_BITS
    const chunk = this.#chunkFor(whole)
    const at = chunk.used
    chunk.used += whole
    chunk.words[at >> 2] = owner
    chunk.words[(at >> 2) + 1] = whole - HEADER_BYTES
    return chunk.index << PLACE_BITS | at >> UNIT_BITS
  }

  /** What the block at an address lies in. */
  bytesOf(address: number): Buffer {
    return this.#chunk(address).bytes
  }

  /** The same in words of 32 bits. */
  wordsOf(address: number): Int32Array {
    return this.#chunk(address).words
  }

  /** Where in these bytes it begins: at a multiple of eight. */
  startOf(address: number): number {
    return ((address & PLACE_MASK) << UNIT_BITS) + HEADER_BYTES
  }

  /** How many bytes it has room for. */
  roomOf(address: number): number {
    return this.#chunk(address).words[(this.startOf(address) >> 2) - 1] as number
  }

  /** Gives a block back. */
  give(address: number): void {
    const chunk = this.#chunk(address)
    chunk.words[(this.startOf(address) >> 2) - 2] = NOBODY
    const whole = this.roomOf(address) + HEADER_BYTES
    chunk.wasted += whole
    if (chunk !== this.#open) this.#wasted += whole
    if (chunk.wasted === chunk.used) this.#empty(chunk)
    this.#tidy()
  }

  #chunk(address: number): Chunk {
    const chunk = this.#chunks[address >>> PLACE_BITS]
    if (chunk === null || chunk === undefined) throw new RangeError(`no block is at ${address}`)
    return chunk
  }

  #chunkFor(whole: number): Chunk {
    const open = this.#open
    if (open !== null && open.used + whole <= open.bytes.length) return open
    if (whole > CHUNK_BYTES) return this.#add(whole) // one of its own, so that what is open is filled
    if (open !== null) this.#wasted += open.wasted
    return this.#open = this.#add(Math.max(whole, Math.min(CHUNK_BYTES, Math.max(FIRST_BYTES, this.#bytes))))
  }

  #add(length: number): Chunk {
    const bytes = Buffer.allocUnsafeSlow(length)
    const index = this.#freeIndexes.pop() ?? this.#chunks.length
    this.#bytes += length
    return this.#chunks[index] = { index, bytes, words: new Int32Array(bytes.buffer), used: 0, wasted: 0 }
  }

  /** Nothing in it is anybody's. */
  #empty(chunk: Chunk): void {
    if (chunk === this.#open) chunk.used = chunk.wasted = 0
    else this.#drop(chunk)
  }

  #drop(chunk: Chunk): void {
    if (chunk === this.#emptied) this.#emptied = null
    this.#wasted -= chunk.wasted
    this.#bytes -= chunk.bytes.length
    this.#chunks[chunk.index] = null
    this.#freeIndexes.push(chunk.index)
  }

  #tidy(): void {
    if (this.#emptied === null) {
      if (this.#wasted * WASTE <= this.#bytes) return
      this.#emptied = this.#mostWasted()
      this.#emptiedTo = 0
    }
    const chunk = this.#emptied
    const stop = Math.min(chunk.used, this.#emptiedTo + AT_ONCE)
    while (this.#emptiedTo < stop) this.#emptiedTo += this.#moveFrom(chunk, this.#emptiedTo)
    if (this.#emptiedTo >= chunk.used) this.#drop(chunk)
  }

  /** Moves the block that begins there elsewhere. Returns how many bytes it takes. */
  #moveFrom({ bytes, words }: Chunk, at: number): number {
    const owner = words[at >> 2] as number
    const room = words[(at >> 2) + 1] as number
    if (owner !== NOBODY) {
      const address = this.take(owner, room)
      bytes.copy(this.bytesOf(address), this.startOf(address), at + HEADER_BYTES, at + HEADER_BYTES + room)
      this.#moved(owner, address)
    }
    return HEADER_BYTES + room
  }

  #mostWasted(): Chunk {
    const closed = this.#chunks.filter(chunk => chunk !== null && chunk !== this.#open) as Chunk[]
    return closed.reduce((most, chunk) => (chunk.wasted / chunk.used > most.wasted / most.used ? chunk : most))
  }
}
