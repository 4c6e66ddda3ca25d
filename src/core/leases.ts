import type { InstanceCell } from './cells.ts'

interface Entry {
  ends: number
  instance: InstanceCell
}

/**
 * Instances by the end of their lease: a binary heap in which each instance has one entry that counts. A renewal moves no entry: when the
 * old end is due, the instance is put back at its new one.
 */
export class LeaseQueue {
  readonly #heap: Entry[] = []
  readonly #queued = new Map<InstanceCell, number>()

  /** Entries held, those included that a shorter lease has made stale: they go when they are due. */
  get size(): number {
    return this.#heap.length
  }

  /** Notes an instance whose `leaseEnds` was set. */
  schedule(instance: InstanceCell): void {
    const queued = this.#queued.get(instance)
    if (!instance.live || instance.leaseEnds === 0 || (queued !== undefined && queued <= instance.leaseEnds)) return
    this.#queued.set(instance, instance.leaseEnds)
    this.#push({ ends: instance.leaseEnds, instance })
  }

  /** The live instances whose lease has run out by `time`, taken from the queue. */
  *takeDue(time: number): Generator<InstanceCell> {
    for (let top = this.#heap[0]; top !== undefined && top.ends < time; top = this.#heap[0]) {
      this.#pop()
      if (this.#queued.get(top.instance) !== top.ends) continue
      this.#queued.delete(top.instance)
      if (isOverdue(top.instance, time)) yield top.instance
      else this.schedule(top.instance)
    }
  }

  /** The instances that `takeDue` would give, taking nothing. */
  peekDue(time: number): InstanceCell[] {
    const due = new Set<InstanceCell>()
    const visit = (index: number): void => {
      const entry = this.#heap[index]
      if (entry === undefined || entry.ends >= time) return
      if (isOverdue(entry.instance, time)) due.add(entry.instance)
      visit(2 * index + 1)
      visit(2 * index + 2)
    }
    visit(0)
    return [...due]
  }

  #push(entry: Entry): void {
    let at = this.#heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = this.#heap[parent]
      if (above === undefined || above.ends <= entry.ends) break
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
      const [child, next] = right !== undefined && left !== undefined && right.ends < left.ends ? [right, 2 * at + 2] : [left, 2 * at + 1]
      if (child === undefined || child.ends >= last.ends) break
      this.#heap[at] = child
      at = next
    }
    this.#heap[at] = last
  }
}

function isOverdue(instance: InstanceCell, time: number): boolean {
  return instance.live && instance.leaseEnds > 0 && instance.leaseEnds < time
}
