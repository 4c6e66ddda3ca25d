type Child = Node | string | null
type Attributes = Readonly<Record<string, string | boolean | (() => void)>>

/**
 * An element with attributes, listeners (`onclick`) and children; a null child is left out. Text is only ever text: names come from
 * anybody's agents.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, children: readonly Child[] = [],
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else if (value === true) made.setAttribute(name, '')
    else if (value !== false) made.setAttribute(name, value)
  }
  made.append(...children.filter(child => child !== null))
  return made
}

/** The page's element of an id. Throws if the page has none: both are of one make. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} with the id ${id}`)
  return found
}

/** A button that reads as a link does. */
export function linkButton(text: string, onclick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return element('button', { type: 'button', class: 'link', ...attributes, onclick }, [text])
}
