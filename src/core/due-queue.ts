interface Entry<T> {
  due: number
  item: T
}

/**
 * Items by the time they are due: a binary heap in which each item has one entry that counts. A postponement moves no entry: when the old
 * time has come, the item is put back at its new one.
 */
export class DueQueue<T extends object> {
  readonly #heap: Entry<T>[] = []
  readonly #queued = new Map<T, number>()
  readonly #dueAt: (item: T) => number

  /** `dueAt`: when an item is due, as it stands; 0: never. */
  constructor(dueAt: (item: T) => number) {
    this.#dueAt = dueAt
  }

  /** Entries held, those included that an earlier time has made stale: they go when they are due. */
  get size(): number {
    return this.#heap.length
  }

  /** Notes an item whose time was set. */
  schedule(item: T): void {
    const due = this.#dueAt(item)
    const queued = this.#queued.get(item)
    if (due === 0 || (queued !== undefined && queued <= due)) return
    this.#queued.set(item, due)
    this.#push({ due, item })
  }

  /** The items whose time has passed at `time`, taken from the queue. */
  *takeDue(time: number): Generator<T> {
    for (let top = this.#heap[0]; top !== undefined && top.due < time; top = this.#heap[0]) {
      this.#pop()
      if (this.#queued.get(top.item) !== top.due) continue
      this.#queued.delete(top.item)
      const due = this.#dueAt(top.item)
      if (due > 0 && due < time) yield top.item
      else this.schedule(top.item)
    }
  }

  #push(entry: Entry<T>): void {
    let at = this.#heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = this.#heap[parent]
      if (above === undefined || above.due <= entry.due) break
      this.#heap[at] = above
      at = parent
    }
    this.#heap[at] = entry
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    let at = 0
    for (;;) {
      const left = this.#heap[2 * at + 1]
      const right = this.#heap[2 * at + 2]
      const [child, next] = right !== undefined && left !== undefined && right.due < left.due ? [right, 2 * at + 2] : [left, 2 * at + 1]
      if (child === undefined || child.due >= last.due) break
      this.#heap[at] = child
      at = next
    }
    this.#heap[at] = last
  }
}
