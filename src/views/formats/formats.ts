import { writeCytoscape } from './cytoscape.ts'
import { writeDot } from './dot.ts'
import type { GraphWriter } from './graph-text.ts'
import { writeGraphml } from './graphml.ts'
import { writeJson } from './json.ts'
import { writeMermaid } from './mermaid.ts'

export const graphFormats = ['json', 'dot', 'mermaid', 'graphml', 'cytoscape'] as const
export type GraphFormat = (typeof graphFormats)[number]

/** How a graph can be written, by the value of `?format=`. */
export const graphWriters: Readonly<Record<GraphFormat, { type: string; write: GraphWriter }>> = {
  json: { type: 'application/json; charset=utf-8', write: writeJson },
  dot: { type: 'text/vnd.graphviz; charset=utf-8', write: writeDot },
  mermaid: { type: 'text/vnd.mermaid; charset=utf-8', write: writeMermaid },
  graphml: { type: 'application/graphml+xml; charset=utf-8', write: writeGraphml },
  cytoscape: { type: 'application/vnd.cytoscape+json; charset=utf-8', write: writeCytoscape },
}
