import { graphlib, layout } from '@dagrejs/dagre'

export interface Position {
  x: number
  y: number
}

export interface LayoutNode {
  id: string
  width: number
  height: number
  /** The box that it lies in. */
  parent?: string | undefined
}

export interface LayoutEdge {
  source: string
  target: string
}

export interface Room {
  width: number
  height: number
}

/** Above so many edges for each node, layers say nothing, and take seconds. */
const DENSE = 4
/** Layers that could only be seen smaller than this cannot be read. */
const LEAST_ZOOM = 0.35
/** Width to height, below which layers go down instead of across. */
const TALL = 1.1
const USUAL: Room = { width: 1_200, height: 700 }
const ROOM = { x: 40, y: 26 }
const LAYERS = { ranksep: 54, edgesep: 16, marginx: 10, marginy: 10 } as const
const ACROSS = { rankdir: 'LR', nodesep: 64 } as const
const DOWN = { rankdir: 'TB', nodesep: 24 } as const

/**
 * Places all nodes in a room: whoever is looked up on the right of who looks it up (below, in a tall room), by dagre's layers; in rows, as
 * given, where layers could not be read. The same map is always laid out the same way.
 */
export function layOut(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[], room: Room = USUAL): Map<string, Position> {
  const linked = new Set(edges.filter(({ source, target }) => source !== target).flatMap(({ source, target }) => [source, target]))
  const layered = edges.length > DENSE * nodes.length ? [] : nodes.filter(({ id }) => linked.has(id))
  const placed = layers(layered, edges, room.width < room.height * TALL)
  const isReadable = room.width / extent(placed, 'x') >= LEAST_ZOOM && room.height / extent(placed, 'y') >= LEAST_ZOOM
  const standing = isReadable ? placed : new Map<string, Position>()
  return rows(nodes.filter(({ id }) => !standing.has(id)), standing, { nodes, room })
}

function layers(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[], isTall: boolean): Map<string, Position> {
  const graph = new graphlib.Graph({ compound: true })
  graph.setGraph({ ...LAYERS, ...isTall ? DOWN : ACROSS })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const parent of new Set(nodes.flatMap(({ parent: box }) => box ?? []))) graph.setNode(parent, {})
  for (const { id, width, height, parent } of nodes) {
    graph.setNode(id, { width, height })
    if (parent !== undefined) graph.setParent(id, parent)
  }
  for (const { source, target } of edges) if (source !== target && graph.hasNode(source) && graph.hasNode(target)) graph.setEdge(source, target)
  layout(graph)
  return new Map(nodes.map(({ id }) => {
    const { x, y } = graph.node(id) as Position
    return [id, { x, y }]
  }))
}

/** Puts nodes into rows below all that is placed, as wide as the room's shape asks for. */
function rows(
  alone: readonly LayoutNode[], placed: Map<string, Position>, { nodes, room }: { nodes: readonly LayoutNode[]; room: Room },
): Map<string, Position> {
  const width = Math.max(...nodes.map(node => node.width), 0) + ROOM.x
  const height = Math.max(...nodes.map(node => node.height), 0) + ROOM.y
  const shapely = Math.sqrt(alone.length * (room.width / room.height) * (height / width))
  const columns = Math.max(1, Math.round(shapely), Math.floor(extent(placed, 'x') / width))
  const top = Math.max(...[...placed.values()].map(({ y }) => y), -height) + height
  for (const [index, { id }] of alone.entries()) {
    placed.set(id, { x: (index % columns) * width + width / 2, y: top + Math.floor(index / columns) * height })
  }
  return placed
}

function extent(placed: ReadonlyMap<string, Position>, axis: 'x' | 'y'): number {
  return Math.max(...[...placed.values()].map(position => position[axis]), 1)
}

/**
 * Places nodes that are new on a map that stands: each at the nearest free spot to the middle of its placed neighbours, or below everything
 * if it has none. What stands is not moved.
 */
export function placeNew(
  fresh: readonly LayoutNode[], standing: ReadonlyMap<string, Position>, edges: readonly LayoutEdge[],
): Map<string, Position> {
  const placed = new Map(standing)
  for (const node of fresh) {
    const around = edges.flatMap(({ source, target }) => source === node.id ? [target] : target === node.id ? [source] : [])
    const near = around.flatMap(id => placed.get(id) ?? [])
    placed.set(node.id, freeSpot(near.length > 0 ? middle(near) : below(placed), node, placed))
  }
  return placed
}

function middle(positions: readonly Position[]): Position {
  const sum = positions.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 })
  return { x: sum.x / positions.length, y: sum.y / positions.length }
}

function below(placed: ReadonlyMap<string, Position>): Position {
  return { x: 0, y: Math.max(...[...placed.values()].map(({ y }) => y), 0) + 1 }
}

/** Looks in growing rings. */
function freeSpot(wanted: Position, { width, height }: LayoutNode, placed: ReadonlyMap<string, Position>): Position {
  const isFree = ({ x, y }: Position) =>
    [...placed.values()].every(other => Math.abs(other.x - x) >= width + ROOM.x / 2 || Math.abs(other.y - y) >= height + ROOM.y / 2)
  for (let ring = 0; ; ring++) {
    for (let step = 0; step < Math.max(1, ring * 8); step++) {
      const angle = ring === 0 ? 0 : (step / (ring * 8)) * 2 * Math.PI
      const spot = { x: wanted.x + Math.cos(angle) * ring * width, y: wanted.y + Math.sin(angle) * ring * (height + ROOM.y) }
      if (isFree(spot)) return spot
    }
  }
}
