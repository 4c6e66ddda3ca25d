import type { GraphEdge } from '../edges.ts'
import type { GraphNode } from '../graph/node-reader.ts'

/** A part of the map, to be written: nodes and edges are read as they are written, and may be had once only. */
export interface GraphPage {
  windowSeconds: number
  nodes: Iterable<GraphNode>
  edges: Iterable<GraphEdge>
  /** Only where a page was asked for; null: it is the last. */
  next?: string | null
}

/** Writes a graph, in pieces of an item each. */
export type GraphWriter = (page: GraphPage) => Generator<string, void, undefined>

/**
 * Characters that a graph file cannot hold, or that readers take for no text, or for the end of a line: C0 and C1 without tab and line breaks,
 * and Unicode's line and paragraph separators.
 */
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/g
const CONTROL_PICTURES = 0x2400

/** The text with pictures in the place of control characters. */
export function printable(text: string): string {
  return text.replaceAll(control, found => (found < ' ' ? String.fromCharCode(CONTROL_PICTURES + found.charCodeAt(0)) : '\ufffd'))
}

/** Short names for nodes, as files want them: `n0`, `n1`, …. */
export class NodeIds {
  readonly #ids = new Map<string, string>()

  get size(): number {
    return this.#ids.size
  }

  of(namespace: string, service: string): string {
    const name = JSON.stringify([namespace, service])
    const held = this.#ids.get(name) ?? `n${this.#ids.size}`
    this.#ids.set(name, held)
    return held
  }
}
