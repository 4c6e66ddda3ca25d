import type { MapEdge, MapModel, MapNode } from './map-model.ts'
import { shadeOf, type Measured } from './shades.ts'
import { Table, type Column } from './table.ts'
import { ageText, countText, ratioText, rateText, secondsText } from './units.ts'

export interface MapTables {
  show: (model: MapModel) => void
  mark: (id: string | null) => void
}

/** The map as two tables: services (or namespaces), and who looks up whom. */
export function createTables(place: HTMLElement, open: (id: string) => void): MapTables {
  let names: ReadonlyMap<string, string> = new Map()
  const nameOf = (id: string) => names.get(id) ?? id
  const services = new Table<MapNode>({ caption: 'Services', columns: nodeColumns(open), idOf: ({ id }) => id, empty: 'none' })
  const edges = new Table<MapEdge>({ caption: 'Dependencies', columns: edgeColumns(nameOf, open), idOf: ({ id }) => id, empty: 'none' })
  place.append(services.root, edges.root)
  return {
    show: model => {
      names = new Map(model.nodes.map(node => [node.id, node.kind === 'namespace' ? `${node.name} (namespace)` : node.name]))
      services.show(model.nodes)
      edges.show(model.edges)
    },
    mark: id => services.mark(id),
  }
}

/** What is measured of a service and of a line alike. */
const measured: Column<Measured & { ratePerSecond: number }>[] = [
  { title: 'Look-ups', text: ({ ratePerSecond }) => rateText(ratePerSecond), value: ({ ratePerSecond }) => ratePerSecond },
  {
    title: 'Failed', text: ({ errorRatio }) => ratioText(errorRatio), value: ({ errorRatio }) => errorRatio ?? -1,
    shade: each => `number ${shadeOf(each, 'errors')}`,
  },
  {
    title: 'Time p95', text: ({ p95Seconds }) => secondsText(p95Seconds), value: ({ p95Seconds }) => p95Seconds ?? -1,
    shade: each => `number ${shadeOf(each, 'latency')}`,
  },
]

function nodeColumns(open: (id: string) => void): Column<MapNode>[] {
  return [
    { title: 'Service', text: ({ name, kind }) => kind === 'namespace' ? `${name} (namespace)` : name, value: ({ name }) => name, open: ({ id }) => open(id) },
    { title: 'Namespace', text: ({ namespace }) => namespace, value: ({ namespace }) => namespace },
    { title: 'Instances passing', text: passingText, value: ({ passing }) => passing },
    ...measured,
    { title: 'Changed', text: ({ changedAt }) => changedText(changedAt), value: ({ changedAt }) => changedAt },
    { title: 'Findings', text: ({ findings }) => findings.map(kind => kind.replaceAll('_', ' ')).join(', '), value: ({ findings }) => findings.length },
  ]
}

function lastSeenText({ lastSeen, idle }: MapEdge): string {
  if (lastSeen === 0) return 'declared only'
  return ageText(lastSeen, Date.now()) + (idle ? ' (idle)' : '')
}

function edgeColumns(nameOf: (id: string) => string, open: (id: string) => void): Column<MapEdge>[] {
  return [
    { title: 'Who looks up', text: ({ source }) => nameOf(source), value: ({ source }) => nameOf(source), open: ({ source }) => open(source) },
    { title: 'Whom', text: ({ target }) => nameOf(target), value: ({ target }) => nameOf(target), open: ({ target }) => open(target) },
    ...measured,
    { title: 'First seen', text: ({ changedAt }) => changedText(changedAt), value: ({ changedAt }) => changedAt },
    { title: 'Last seen', text: lastSeenText, value: ({ lastSeen }) => lastSeen },
  ]
}

function passingText({ kind, registered, passing, instances }: MapNode): string {
  if (kind === 'unknown') return '–'
  return registered ? `${countText(passing)} of ${countText(instances)}` : 'not registered'
}

function changedText(time: number): string {
  return time === 0 ? '–' : ageText(time, Date.now())
}
