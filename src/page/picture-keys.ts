import type { NodeSingular } from 'cytoscape'
import type { Picture } from './picture.ts'

export interface KeyOptions {
  open: (id: string) => void
  /** Says what a node is, by id, to who cannot see it. */
  tell: (id: string) => void
}

const arrows: Readonly<Record<string, { x: number; y: number }>> = {
  ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 },
}
const ZOOM = 1.25

/** The picture by keyboard: arrows go from service to service, Enter opens one, + and - zoom, 0 shows all. */
export function startKeys(container: HTMLElement, picture: Picture, { open, tell }: KeyOptions): void {
  let current: string | null = null
  const go = (node: NodeSingular | undefined) => {
    if (node === undefined) return
    picture.cy.nodes('.current').removeClass('current')
    node.addClass('current')
    current = node.id()
    reveal(picture, node)
    tell(current)
  }
  const from = () => picture.cards().find(node => node.id() === current)
  container.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const arrow = arrows[event.key]
    if (arrow !== undefined) go(nextNode(picture.cards(), from(), arrow))
    else if (event.key === 'Home') go(leftmost(picture.cards()))
    else if (event.key === 'Enter' && current !== null) open(current)
    else if (event.key === '+' || event.key === '=') picture.zoomBy(ZOOM)
    else if (event.key === '-') picture.zoomBy(1 / ZOOM)
    else if (event.key === '0') picture.fit()
    else return
    event.preventDefault()
  })
  container.addEventListener('blur', () => picture.cy.nodes('.current').removeClass('current'))
}

function leftmost(nodes: readonly NodeSingular[]): NodeSingular | undefined {
  return nodes.toSorted((a, b) => a.position('x') - b.position('x') || a.position('y') - b.position('y'))[0]
}

/** The nearest one that way; what lies aside counts as farther. */
function nextNode(nodes: readonly NodeSingular[], from: NodeSingular | undefined, { x, y }: { x: number; y: number }): NodeSingular | undefined {
  if (from === undefined) return leftmost(nodes)
  const start = from.position()
  const cost = (node: NodeSingular) => {
    const [dx, dy] = [node.position('x') - start.x, node.position('y') - start.y]
    const ahead = dx * x + dy * y
    return ahead <= 1 ? Infinity : ahead + 2.5 * Math.abs(dx * y + dy * x)
  }
  const [best] = nodes.map(node => ({ node, cost: cost(node) })).filter(each => each.cost < Infinity).toSorted((a, b) => a.cost - b.cost)
  return best?.node ?? from
}

function reveal({ cy }: Picture, node: NodeSingular): void {
  const { x1, x2, y1, y2 } = node.renderedBoundingBox({})
  if (x1 < 0 || y1 < 0 || x2 > cy.width() || y2 > cy.height()) cy.center(node)
}
