import { getJson } from './api.ts'
import type { ServiceName } from './api-types.ts'
import { element } from './element.ts'
import { rank, type Found } from './search-rank.ts'

export interface SearchOptions {
  openService: (name: ServiceName) => void
  openNamespace: (namespace: string) => void
  onError: (error: unknown) => void
}

/** Names are asked for again after so many milliseconds. */
const STALE_MS = 15_000

/** Search over all services and namespaces, however many are drawn: a combobox with a list (WAI-ARIA APG). */
export class Search {
  readonly #input: HTMLInputElement
  readonly #list: HTMLElement
  readonly #options: SearchOptions
  #names: readonly string[] = []
  #askedAt = -Infinity
  #found: readonly Found[] = []
  #active = -1

  constructor(input: HTMLInputElement, list: HTMLElement, options: SearchOptions) {
    this.#input = input
    this.#list = list
    this.#options = options
  }

  start(): void {
    const input = this.#input
    input.addEventListener('focus', () => this.#ask())
    input.addEventListener('input', () => {
      this.#ask()
      this.#show()
    })
    input.addEventListener('blur', () => this.#hide())
    input.addEventListener('keydown', event => this.#press(event))
  }

  #press(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') this.#mark(Math.min(this.#active + 1, this.#found.length - 1))
    else if (event.key === 'ArrowUp') this.#mark(Math.max(this.#active - 1, 0))
    else if (event.key === 'Enter') this.#choose(this.#found[this.#active])
    else if (event.key === 'Escape' && this.#input.value !== '') this.#clear()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #ask(): void {
    if (performance.now() - this.#askedAt < STALE_MS) return
    this.#askedAt = performance.now()
    this.#learn().catch(this.#options.onError)
  }

  async #learn(): Promise<void> {
    this.#names = await getJson<string[]>('/api/v2/services')
    if (this.#input.value !== '') this.#show()
  }

  #show(): void {
    this.#found = rank(this.#names, this.#input.value)
    this.#list.replaceChildren(...this.#found.map((item, index) => option(item, index, () => this.#choose(item))))
    if (this.#found.length === 0) {
      this.#list.append(element('li', { role: 'option', 'aria-disabled': 'true', class: 'note' }, ['Nothing has such a name.']))
    }
    this.#list.hidden = this.#input.value.trim() === ''
    this.#input.setAttribute('aria-expanded', String(!this.#list.hidden))
    this.#mark(this.#found.length > 0 ? 0 : -1)
  }

  #mark(index: number): void {
    this.#active = index
    for (const [each, item] of [...this.#list.children].entries()) item.setAttribute('aria-selected', String(each === index))
    if (index < 0) this.#input.removeAttribute('aria-activedescendant')
    else this.#input.setAttribute('aria-activedescendant', `found-${index}`)
    this.#list.children[index]?.scrollIntoView({ block: 'nearest' })
  }

  #hide(): void {
    this.#list.hidden = true
    this.#input.setAttribute('aria-expanded', 'false')
    this.#mark(-1)
  }

  #clear(): void {
    this.#input.value = ''
    this.#hide()
  }

  #choose(item: Found | undefined): void {
    if (item === undefined) return
    this.#clear()
    if (item.service === null) this.#options.openNamespace(item.namespace)
    else this.#options.openService({ namespace: item.namespace, service: item.service })
  }
}

function option({ namespace, service, services }: Found, index: number, choose: () => void): HTMLLIElement {
  const [name, note] = service === null ? [namespace, `namespace of ${services} services`] : [service, namespace]
  const item = element('li', { role: 'option', id: `found-${index}`, 'aria-selected': 'false' }, [name, element('small', {}, [note])])
  // Before the input loses the focus, and with it the list.
  item.addEventListener('mousedown', event => {
    event.preventDefault()
    choose()
  })
  return item
}
