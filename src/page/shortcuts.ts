import { byId } from './element.ts'

export interface ShortcutOptions {
  zoomBy: (factor: number) => void
  fit: () => void
  tidy: () => void
  /** Closes what is open. */
  close: () => void
}

const ZOOM = 1.3

/** The buttons on the map, and the keys that hold everywhere: `/` to search, Escape to close. */
export function startShortcuts({ zoomBy, fit, tidy, close }: ShortcutOptions): void {
  on('zoom-in', () => zoomBy(ZOOM))
  on('zoom-out', () => zoomBy(1 / ZOOM))
  on('fit', fit)
  on('tidy', tidy)
  const search = byId('search', HTMLInputElement)
  addEventListener('keydown', event => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      search.focus()
    } else if (event.key === 'Escape') close()
  })
}

function on(id: string, act: () => void): void {
  byId(id, HTMLButtonElement).addEventListener('click', act)
}
