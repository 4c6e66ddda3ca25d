import type { ElementDefinition } from 'cytoscape'
import { factsText, namespaceId, type MapEdge, type MapModel, type MapNode } from './map-model.ts'
import { shadeOf } from './shades.ts'
import { periodMillis, type ViewState } from './view-state.ts'

/** A node or an edge as the picture holds it. */
export interface Drawn {
  id: string
  data: Record<string, unknown>
  classes: string
}

export interface DrawnNode extends Drawn {
  width: number
  height: number
  parent: string | undefined
}

export interface DrawnEdge extends Drawn {
  source: string
  target: string
}

export interface DrawnMap {
  boxes: Drawn[]
  nodes: DrawnNode[]
  edges: DrawnEdge[]
}

type Looks = Pick<ViewState, 'measure' | 'grouped' | 'changed'>

const HEIGHT = 52
const LETTER = 8
const LONGEST = 34
const STEP = 24

/** What is to be seen at `now`, in milliseconds since the epoch. */
export function drawnMap({ drawn: { nodes, edges }, isSummary }: MapModel, looks: Looks, now: number): DrawnMap {
  const since = looks.changed === '' ? Infinity : now - periodMillis[looks.changed]
  const grouped = looks.grouped && !isSummary
  const namespaces = grouped ? [...new Set(nodes.filter(({ kind }) => kind !== 'namespace').map(({ namespace }) => namespace))] : []
  return {
    boxes: namespaces.map(namespace => ({ id: boxId(namespace), data: { label: namespace }, classes: 'box' })),
    nodes: nodes.map(node => drawnNode(node, looks, { since, grouped })),
    edges: edges.map(edge => drawnEdge(edge, looks, since)),
  }
}

function boxId(namespace: string): string {
  return `box:${namespaceId(namespace)}`
}

function drawnNode(node: MapNode, { measure }: Looks, { since, grouped }: { since: number; grouped: boolean }): DrawnNode {
  const name = shortened(node.name) + (node.findings.length > 0 ? ' ⚠' : '')
  const facts = factsText(node, measure)
  // In steps, so that a number of another length moves nothing.
  const width = Math.ceil((Math.max(name.length * LETTER, facts.length * (LETTER - 0.7)) + 26) / STEP) * STEP
  const parent = grouped && node.kind !== 'namespace' ? boxId(node.namespace) : undefined
  const classes = [
    'card', shadeOf(node, measure), ...node.kind === 'namespace' ? ['namespace'] : [], ...isUnhealthy(node) ? ['unhealthy'] : [],
    ...node.idle ? ['idle'] : [], ...node.changedAt >= since ? ['changed'] : [],
  ]
  return {
    id: node.id, width, height: HEIGHT, parent, classes: classes.join(' '),
    data: { label: `${name}\n${facts}`, width, height: HEIGHT, ...(parent === undefined ? {} : { parent }) },
  }
}

/** Registered, and none of its instances passes. */
export function isUnhealthy({ kind, registered, passing }: Pick<MapNode, 'kind' | 'registered' | 'passing'>): boolean {
  return kind === 'service' && registered && passing === 0
}

function drawnEdge(edge: MapEdge, { measure }: Looks, since: number): DrawnEdge {
  const { id, source, target, ratePerSecond, idle } = edge
  const classes = [shadeOf(edge, measure), ...idle ? ['idle'] : [], ...edge.changedAt >= since ? ['changed'] : []]
  const width = Math.round(10 * Math.min(6, 1 + Math.log10(1 + ratePerSecond) * 1.5)) / 10
  return { id, source, target, classes: classes.join(' '), data: { source, target, width } }
}

function shortened(name: string): string {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name
}

export function definitionOf({ id, data, classes }: Drawn, group: 'nodes' | 'edges'): ElementDefinition {
  return { group, data: { ...data, id }, classes }
}
