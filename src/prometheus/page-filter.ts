import { nameFields } from '../core/blank-cells.ts'
import type { AnyCell } from '../core/cells.ts'
import { FoldCollector } from './collector.ts'

/** What of everything a page shows. Null: all. */
export interface PageFilter {
  /** By their whole names. */
  families: readonly string[] | null
  /** Of services; what is told of no service is in none. An edge is told of the service that is looked up. */
  namespaces: readonly string[] | null
}

export const everything: PageFilter = { families: null, namespaces: null }

/** Those of the metrics that can have a sample on the page. */
export function shownMetrics(metrics: readonly { name: string }[], { families, namespaces }: PageFilter): { name: string }[] {
  return metrics.filter(metric => (families?.includes(metric.name) ?? true) && (namespaces === null || isOfServices(metric)))
}

/** Tells by their names which cells a page shows. */
export function wantedCells({ namespaces }: PageFilter): (names: AnyCell) => boolean {
  if (namespaces === null) return () => true
  const wanted = new Set(namespaces)
  return names => 'namespace' in names && wanted.has(names.namespace)
}

function isOfServices(metric: unknown): boolean {
  const names: readonly string[] = metric instanceof FoldCollector ? nameFields[metric.family.cell] : []
  return names.includes('namespace')
}
