import type { ServiceName } from '../../core/cells.ts'
import { keyOf } from '../../core/names.ts'

/** Services by small numbers, each for as long as something refers to it; the number is then another's. */
export class NameTable {
  /** By number; undefined: free. */
  readonly names: (ServiceName | undefined)[] = []
  /** Higher whenever a name comes or goes. */
  version = 0
  readonly #numbers = new Map<string, number>()
  readonly #references: number[] = []
  readonly #free: number[] = []
  readonly #namespaces = new Map<string, string>()

  get size(): number {
    return this.#numbers.size
  }

  /** The number of a name, referred to once more. */
  refer(namespace: string, service: string): number {
    const key = keyOf(namespace, service)
    const held = this.#numbers.get(key)
    const number = held ?? this.#free.pop() ?? this.names.length
    if (held === undefined) {
      this.#numbers.set(key, number)
      this.names[number] = { namespace: this.#shared(namespace), service }
      this.#references[number] = 0
      this.version++
    }
    this.#references[number] = (this.#references[number] ?? 0) + 1
    return number
  }

  /** Takes one reference away. */
  leave(number: number): void {
    const left = (this.#references[number] ?? 0) - 1
    this.#references[number] = left
    const name = this.names[number]
    if (left > 0 || name === undefined) return
    this.#numbers.delete(keyOf(name.namespace, name.service))
    this.names[number] = undefined
    this.#free.push(number)
    this.version++
  }

  /** One string for all services of a namespace. */
  #shared(namespace: string): string {
    const held = this.#namespaces.get(namespace)
    if (held === undefined) this.#namespaces.set(namespace, namespace)
    return held ?? namespace
  }
}
