import { element, linkButton } from './element.ts'

/** A column: what a cell shows, and what rows are sorted by. */
export interface Column<R> {
  title: string
  text: (row: R) => string
  value: (row: R) => number | string
  /** A class of the cell, for its colour. */
  shade?: (row: R) => string
  open?: (row: R) => void
}

export interface TableOptions<R> {
  caption: string
  columns: readonly Column<R>[]
  idOf: (row: R) => string
  /** What to say where there is none. */
  empty: string
}

const MOST_ROWS = 500

/** A table that can be sorted by each column, and is brought up to date row by row: focus and reading position stay. */
export class Table<R> {
  readonly root: HTMLElement
  readonly #options: TableOptions<R>
  readonly #body = element('tbody')
  readonly #caption: HTMLTableCaptionElement
  readonly #heads: HTMLTableCellElement[]
  readonly #rows = new Map<string, HTMLTableRowElement>()
  #sort = { column: -1, down: false }
  #shown: readonly R[] = []

  constructor(options: TableOptions<R>) {
    this.#options = options
    this.#caption = element('caption', {}, [options.caption])
    this.#heads = options.columns.map(({ title }, column) => element('th', { scope: 'col' }, [
      element('button', { type: 'button', onclick: () => this.#sortBy(column) }, [title]),
    ]))
    const table = element('table', {}, [this.#caption, element('thead', {}, [element('tr', {}, this.#heads)]), this.#body])
    this.root = element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': options.caption }, [table])
  }

  show(rows: readonly R[]): void {
    this.#shown = rows
    const { idOf, caption, empty } = this.#options
    const sorted = this.#sorted(rows).slice(0, MOST_ROWS)
    const more = rows.length > sorted.length ? `, the first ${sorted.length} of ${rows.length}` : ''
    this.#caption.textContent = rows.length === 0 ? `${caption}: ${empty}` : `${caption} (${rows.length}${more})`
    const kept = new Set(sorted.map(idOf))
    for (const [id, row] of this.#rows) if (!kept.has(id) && this.#rows.delete(id)) row.remove()
    for (const [index, row] of sorted.entries()) {
      const shown = this.#row(row)
      if (this.#body.children[index] !== shown) this.#body.insertBefore(shown, this.#body.children[index] ?? null)
    }
  }

  mark(id: string | null): void {
    for (const [each, row] of this.#rows) row.classList.toggle('chosen', each === id)
  }

  #row(row: R): HTMLTableRowElement {
    const id = this.#options.idOf(row)
    const held = this.#rows.get(id) ?? this.#newRow(row)
    this.#rows.set(id, held)
    for (const [index, { text, shade }] of this.#options.columns.entries()) {
      const cell = held.children[index]
      const label = cell?.firstElementChild ?? cell
      if (label && label.textContent !== text(row)) label.textContent = text(row)
      if (cell && shade !== undefined) cell.className = `shade ${shade(row)}`
    }
    return held
  }

  #newRow(row: R): HTMLTableRowElement {
    return element('tr', {}, this.#options.columns.map(({ text, open, value }, index) => {
      const content = open === undefined ? text(row) : linkButton(text(row), () => open(row))
      const isNumber = typeof value(row) === 'number'
      return index === 0 ? element('th', { scope: 'row' }, [content]) : element('td', isNumber ? { class: 'number' } : {}, [content])
    }))
  }

  #sorted(rows: readonly R[]): readonly R[] {
    const column = this.#options.columns[this.#sort.column]
    if (column === undefined) return rows
    const sign = this.#sort.down ? -1 : 1
    return rows.toSorted((a, b) => {
      const [left, right] = [column.value(a), column.value(b)]
      return sign * (typeof left === 'string' ? left.localeCompare(String(right)) : left - Number(right))
    })
  }

  #sortBy(column: number): void {
    const isNumber = this.#shown[0] !== undefined && typeof this.#options.columns[column]?.value(this.#shown[0]) === 'number'
    this.#sort = { column, down: this.#sort.column === column ? !this.#sort.down : isNumber }
    for (const [index, head] of this.#heads.entries()) {
      if (index === column) head.setAttribute('aria-sort', this.#sort.down ? 'descending' : 'ascending')
      else head.removeAttribute('aria-sort')
    }
    this.show(this.#shown)
  }
}
