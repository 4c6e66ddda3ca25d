import { ApiError, getJson } from './api.ts'
import type { ServiceDetail, ServiceName } from './api-types.ts'
import { element, linkButton } from './element.ts'
import { panelSections } from './panel-sections.ts'
import { nameText } from './view-state.ts'

export interface PanelOptions {
  open: (name: ServiceName) => void
  close: () => void
  /** Shows so many edges around the service; 0: everything. */
  showAround: (edges: number) => void
}

/** The page of one service, beside the map. */
export class Panel {
  readonly #root: HTMLElement
  readonly #options: PanelOptions
  readonly #body = element('div', { class: 'sections' })
  readonly #heading = element('h2', { tabindex: '-1' })
  readonly #around = element('div', { class: 'around', role: 'group', 'aria-label': 'How much of the map' })
  #shown = ''

  constructor(root: HTMLElement, options: PanelOptions) {
    this.#root = root
    this.#options = options
    root.append(
      element('div', { class: 'panel-head' }, [
        this.#heading,
        element('button', { type: 'button', class: 'close', 'aria-label': 'Close this service', title: 'Close (Esc)', onclick: options.close }, ['×']),
      ]),
      this.#around, this.#body,
    )
  }

  /** Shows a service, or brings it up to date; null closes. Rejects as `getJson` does, but for a service that is not known. */
  async show(name: ServiceName | null, around: number, signal: AbortSignal): Promise<void> {
    this.#root.hidden = name === null
    if (name === null) {
      this.#shown = ''
      return
    }
    this.#begin(name, around)
    try {
      const detail = await getJson<ServiceDetail>(`/api/v1/services/${nameText(name)}`, signal)
      this.#body.replaceChildren(...panelSections(detail, { open: this.#options.open, now: Date.now() }))
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error
      this.#body.replaceChildren(element('p', {}, ['Nothing is known of this service (any more). Its name may be misspelt, or its data expired.']))
    }
  }

  #begin(name: ServiceName, around: number): void {
    const depths = [[0, 'Whole map'], [1, '1 step'], [2, '2 steps'], [3, '3 steps']] as const
    if (this.#around.childElementCount === 0) {
      this.#around.append(...depths.map(([edges, text]) => linkButton(text, () => this.#options.showAround(edges), { class: 'chip' })))
    }
    for (const [index, [edges]] of depths.entries()) this.#around.children[index]?.setAttribute('aria-pressed', String(edges === around))
    if (this.#shown === nameText(name)) return
    this.#shown = nameText(name)
    this.#heading.replaceChildren(name.service, element('small', {}, [name.namespace]))
    this.#body.replaceChildren(element('p', {}, ['Asking …']))
    this.#root.scrollTop = 0
  }

  focus(): void {
    this.#heading.focus({ preventScroll: true })
  }
}
