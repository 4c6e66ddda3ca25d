import type { NamespaceSummary } from './api-types.ts'
import { byId, element, linkButton } from './element.ts'
import type { MapModel } from './map-model.ts'
import { legends } from './shades.ts'
import { countOf, countText, rateText } from './units.ts'
import type { ViewState } from './view-state.ts'

/** What stands around the map: where one is, what is shown of how much, the legend, and what to do where there is nothing. */
export function showSurroundings(
  state: ViewState, { summary, model }: { summary: NamespaceSummary; model: MapModel }, go: (patch: Partial<ViewState>) => void,
): void {
  showPlace(state, go)
  byId('totals', HTMLElement).textContent = totalsText(summary)
  showNote(noteText(state, model))
  showLegend(state)
  byId('empty', HTMLElement).hidden = model.nodes.length > 0
  showEmpty(state, summary, go)
}

function showPlace({ namespace, selected, around }: ViewState, go: (patch: Partial<ViewState>) => void): void {
  const place = byId('place', HTMLElement)
  const here = around > 0 && selected !== null ? `${selected.service}, ${countOf(around, 'step')} around` : namespace
  const key = JSON.stringify([namespace, here])
  if (place.dataset['key'] === key) return
  place.dataset['key'] = key
  place.replaceChildren(
    here === null ? 'All namespaces' : linkButton('All namespaces', () => go({ namespace: null, around: 0 })),
    ...here === null ? [] : [' › ', element('strong', {}, [here])],
  )
}

function totalsText({ totals }: NamespaceSummary): string {
  const { services, edges, namespaces, ratePerSecond } = totals
  const dependencies = `${countText(edges)} ${edges === 1 ? 'dependency' : 'dependencies'}`
  return [countOf(services, 'service'), dependencies, countOf(namespaces, 'namespace'), `${rateText(ratePerSecond)} look-ups`].join(' · ')
}

function noteText({ failingOnly, hideIdle }: ViewState, { nodes, edges, drawn, isSummary, hasMore }: MapModel): string {
  const notes = [
    isSummary && nodes.length > 0 ? 'Too many services to draw: this is a summary by namespace. Open a namespace, or search.' : '',
    drawn.nodes.length < nodes.length || drawn.edges.length < edges.filter(({ source, target }) => source !== target).length
      ? `Drawn: the busiest ${countText(drawn.nodes.length)} of ${countText(nodes.length)} nodes and ${countText(drawn.edges.length)} of `
        + `${countText(edges.length)} lines; the tables list them all.`
      : '',
    hasMore ? 'There is more than was asked for here: narrow it down by search, or by “failing only”.' : '',
    failingOnly && !isSummary ? 'Only dependencies that failed in the last 5 min.' : '',
    hideIdle && !isSummary ? 'Idle dependencies (15 min without a look-up) are hidden.' : '',
  ]
  return notes.filter(note => note !== '').join(' ')
}

function showNote(text: string): void {
  const note = byId('note', HTMLElement)
  note.hidden = text === ''
  if (note.textContent !== text) note.textContent = text
}

function showLegend({ measure, changed }: ViewState): void {
  const legend = byId('legend', HTMLElement)
  const key = `${measure} ${changed}`
  if (legend.dataset['key'] === key) return
  legend.dataset['key'] = key
  const { title, note, entries } = legends[measure]
  const marks = [['idle', 'idle for 15 min'], ['unhealthy', 'no instance passes'], ...changed === '' ? [] : [['changed', 'changed lately']]]
  legend.replaceChildren(
    element('h2', {}, [title]),
    element('ul', {}, [
      ...entries.map(([shade, text]) => element('li', {}, [element('i', { class: `swatch ${shade}` }), text])),
      ...marks.map(([mark = '', text = '']) => element('li', {}, [element('i', { class: `mark ${mark}` }), text])),
    ]),
    element('p', {}, ['Lines lead from who looks up to whom; the wider, the more often. ⚠ has findings. ' + note]),
  )
}

function showEmpty(state: ViewState, { totals }: NamespaceSummary, go: (patch: Partial<ViewState>) => void): void {
  const isFiltered = totals.services > 0 || state.namespace !== null || state.hideIdle || state.failingOnly
  byId('empty-all', HTMLElement).hidden = isFiltered
  const filtered = byId('empty-filtered', HTMLElement)
  filtered.hidden = !isFiltered
  if (filtered.childElementCount > 0) return
  filtered.append(
    element('h2', {}, ['Nothing to show here']), element('p', {}, ['No service fits this view.']),
    element('p', {}, [linkButton('Show everything', () => go({ namespace: null, around: 0, hideIdle: false, failingOnly: false }))]),
  )
}
