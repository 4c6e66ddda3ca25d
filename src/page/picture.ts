import cytoscape, { type Core, type EventObject, type NodeSingular } from 'cytoscape'
import { layOut, placeNew, type Position } from './layout.ts'
import { definitionOf, type DrawnMap } from './picture-elements.ts'
import { pictureStyle } from './picture-style.ts'
import { palette } from './theme.ts'

const FIT_MARGIN = 30
/** Nearer than this, a small map looks like a poster. */
const NEAREST_FIT = 1.15

/** The map as a picture. Shown again, it keeps what stands where it stands. */
export class Picture {
  readonly cy: Core
  #part = ''
  #chosen: string | null = null

  /** `open`: told of the node that was clicked, by id; null: of a click beside all. */
  constructor(container: HTMLElement, open: (id: string | null) => void) {
    this.cy = cytoscape({
      container, style: pictureStyle(palette()), minZoom: 0.05, maxZoom: 3, autoungrabify: false, boxSelectionEnabled: false,
      selectionType: 'single', autounselectify: true,
    })
    this.cy.on('tap', event => open(event.target === this.cy ? null : nodeIdOf(event)))
    this.cy.on('mouseover', 'node.card, edge', event => this.#stress(event))
    this.cy.on('mouseout', 'node.card, edge', () => this.#relieve())
  }

  /** `part`: names what part of the map this is. Another part than before, or a map that was empty, is laid out anew and shown whole. */
  show(map: DrawnMap, part: string): void {
    const isNew = part !== this.#part || this.cy.elements().empty()
    this.#part = part
    const standing = isNew ? new Map<string, Position>() : this.positions()
    this.cy.batch(() => {
      if (isNew) this.cy.elements().remove()
      this.#take(map)
    })
    const place = isNew ? this.#laidOut(map) : placeNew(map.nodes.filter(({ id }) => !standing.has(id)), standing, map.edges)
    this.#place(place)
    this.#mark()
    if (isNew) this.fit()
  }

  /** Lays the whole map out anew. */
  tidy(map: DrawnMap): void {
    this.#place(this.#laidOut(map))
    this.fit()
  }

  fit(): void {
    this.cy.resize()
    this.cy.fit(undefined, FIT_MARGIN)
    if (this.cy.zoom() > NEAREST_FIT) this.cy.zoom(NEAREST_FIT).center()
  }

  choose(id: string | null): void {
    this.#chosen = id
    this.#mark()
  }

  repaint(): void {
    this.cy.style(pictureStyle(palette()))
  }

  zoomBy(factor: number): void {
    const { width, height } = { width: this.cy.width(), height: this.cy.height() }
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: { x: width / 2, y: height / 2 } })
  }

  /** Where everything stands, by id. */
  positions(): Map<string, Position> {
    return new Map(this.cards().map(node => [node.id(), { ...node.position() }]))
  }

  cards(): NodeSingular[] {
    return this.cy.nodes('.card').toArray()
  }

  #take({ boxes, nodes, edges }: DrawnMap): void {
    const wanted = new Set([...boxes, ...nodes, ...edges].map(({ id }) => id))
    this.cy.elements().filter(each => !wanted.has(each.id())).remove()
    for (const [group, list] of [['nodes', boxes], ['nodes', nodes], ['edges', edges]] as const) {
      for (const drawn of list) {
        const held = this.cy.getElementById(drawn.id)
        if (held.empty()) this.cy.add(definitionOf(drawn, group))
        else held.data({ ...drawn.data }).classes(drawn.classes)
      }
    }
  }

  #laidOut({ nodes, edges }: DrawnMap): Map<string, Position> {
    this.cy.resize()
    return layOut(nodes, edges, { width: this.cy.width() || 1, height: this.cy.height() || 1 })
  }

  #place(positions: ReadonlyMap<string, Position>): void {
    this.cy.batch(() => { for (const [id, position] of positions) this.cy.getElementById(id).position({ ...position }) })
  }

  #mark(): void {
    this.cy.elements('.chosen, .aside').removeClass('chosen aside')
    const chosen = this.cy.getElementById(this.#chosen ?? '').addClass('chosen')
    if (chosen.nonempty()) this.cy.elements('.card, edge').difference(chosen.closedNeighborhood()).addClass('aside')
  }

  #stress({ target }: EventObject): void {
    const near = target.isNode() ? target.closedNeighborhood() : target.union(target.connectedNodes())
    this.cy.elements('.card, edge').difference(near).addClass('faded')
  }

  #relieve(): void {
    this.cy.elements('.faded').removeClass('faded')
  }
}

function nodeIdOf({ target }: EventObject): string | null {
  return target.isNode() && target.hasClass('card') ? target.id() : null
}
