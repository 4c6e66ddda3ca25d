import { byId } from './element.ts'
import { measures } from './shades.ts'
import { changePeriods, layouts, type ViewState } from './view-state.ts'

export type Change = (patch: Partial<ViewState>) => void

/** The controls above the map: each changes the view, and shows what the view is. */
export function startControls(change: Change): { show: (state: ViewState) => void } {
  const measure = byId('measure', HTMLSelectElement)
  const changed = byId('changed', HTMLSelectElement)
  const checks = [
    [byId('idle', HTMLInputElement), 'hideIdle'], [byId('failing', HTMLInputElement), 'failingOnly'], [byId('group', HTMLInputElement), 'grouped'],
  ] as const
  const views = layouts.map(layout => [layout, byId(`view-${layout}`, HTMLButtonElement)] as const)
  measure.addEventListener('change', () => change({ measure: measures.find(each => each === measure.value) ?? 'errors' }))
  changed.addEventListener('change', () => change({ changed: changePeriods.find(each => each === changed.value) ?? '' }))
  for (const [box, key] of checks) box.addEventListener('change', () => change({ [key]: box.checked }))
  for (const [layout, button] of views) button.addEventListener('click', () => change({ layout }))
  return {
    show: state => {
      measure.value = state.measure
      changed.value = state.changed
      for (const [box, key] of checks) box.checked = state[key]
      for (const [layout, button] of views) button.setAttribute('aria-pressed', String(layout === state.layout))
      document.body.dataset['view'] = state.layout
    },
  }
}
