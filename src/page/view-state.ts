import type { ServiceName } from './api-types.ts'
import { measures, type Measure } from './shades.ts'

export const layouts = ['map', 'both', 'table'] as const
export const changePeriods = ['', '5m', '1h', '1d'] as const
/** Milliseconds. */
export const periodMillis: Readonly<Record<ChangePeriod, number>> = { '': 0, '5m': 300_000, '1h': 3_600_000, '1d': 86_400_000 }
export type Layout = typeof layouts[number]
export type ChangePeriod = typeof changePeriods[number]

/** What is looked at, and how: all of it is in the URL, so a link leads to the very view. */
export interface ViewState {
  /** The namespace that was drilled into; null: all. */
  namespace: string | null
  /** The service whose panel is open. */
  selected: ServiceName | null
  /** Edges around the selected service that are shown; 0: everything. */
  around: number
  layout: Layout
  measure: Measure
  hideIdle: boolean
  failingOnly: boolean
  grouped: boolean
  /** What changed so lately is marked. */
  changed: ChangePeriod
}

export const firstState: ViewState = {
  namespace: null, selected: null, around: 0, layout: 'map', measure: 'errors', hideIdle: false, failingOnly: false, grouped: false, changed: '',
}

const MOST_AROUND = 5

/** Reads a URL's query. What it does not know, or what makes no sense, is as at first. */
export function readState(query: string): ViewState {
  const values = new URLSearchParams(query)
  const selected = readName(values.get('service'))
  const around = Number(values.get('around') ?? 0)
  return {
    namespace: values.get('namespace') || null,
    selected,
    around: selected !== null && Number.isInteger(around) && around > 0 ? Math.min(around, MOST_AROUND) : 0,
    layout: oneOf(layouts, values.get('view')) ?? firstState.layout,
    measure: oneOf(measures, values.get('colour')) ?? firstState.measure,
    hideIdle: values.get('idle') === 'hidden',
    failingOnly: values.get('only') === 'failing',
    grouped: values.get('group') === 'namespace',
    changed: oneOf(changePeriods, values.get('changed')) ?? firstState.changed,
  }
}

/** The query of a state, with its `?`; empty for the first state. */
export function writeState(state: ViewState): string {
  const values = new URLSearchParams()
  if (state.namespace !== null) values.set('namespace', state.namespace)
  if (state.selected !== null) values.set('service', nameText(state.selected))
  if (state.around > 0) values.set('around', String(state.around))
  if (state.layout !== firstState.layout) values.set('view', state.layout)
  if (state.measure !== firstState.measure) values.set('colour', state.measure)
  if (state.hideIdle) values.set('idle', 'hidden')
  if (state.failingOnly) values.set('only', 'failing')
  if (state.grouped) values.set('group', 'namespace')
  if (state.changed !== '') values.set('changed', state.changed)
  const query = values.toString()
  return query === '' ? '' : `?${query}`
}

/** A service in one text: both names percent-encoded, a slash between. */
export function nameText({ namespace, service }: ServiceName): string {
  return `${encodeURIComponent(namespace)}/${encodeURIComponent(service)}`
}

function readName(text: string | null): ServiceName | null {
  try {
    const [namespace, service, more] = (text ?? '').split('/').map(decodeURIComponent)
    return namespace === undefined || !service || more !== undefined ? null : { namespace, service }
  } catch {
    return null
  }
}

function oneOf<T extends string>(values: readonly T[], value: string | null): T | undefined {
  return values.find(each => each === value)
}
