import type { ServiceName } from './api-types.ts'
import { startControls } from './controls.ts'
import { byId } from './element.ts'
import { Live } from './live.ts'
import { load, type Loaded } from './load.ts'
import { factsText, modelOf, type MapModel, type MapNode } from './map-model.ts'
import { createTables } from './map-tables.ts'
import { Panel } from './panel.ts'
import { drawnMap, isUnhealthy } from './picture-elements.ts'
import { startKeys } from './picture-keys.ts'
import { Picture } from './picture.ts'
import { Search } from './search.ts'
import { startShortcuts } from './shortcuts.ts'
import { Status } from './status.ts'
import { showSurroundings } from './surroundings.ts'
import { startTheme } from './theme.ts'
import { countOf } from './units.ts'
import { nameText, readState, writeState, type ViewState } from './view-state.ts'

/** Joins the parts: the URL is the state, the state says what is loaded, and what is loaded is shown. */
export class MapPage {
  #state: ViewState = readState(location.search)
  #loaded: Loaded | null = null
  #model: MapModel | null = null
  /** The view that what is loaded was asked for. */
  #shownFor: ViewState = this.#state
  /** The panel was opened by hand: it takes the focus once it is there. */
  #opensPanel = false
  readonly #map = byId('map', HTMLElement)
  readonly #status = new Status()
  readonly #picture = new Picture(this.#map, id => this.#open(id))
  readonly #tables = createTables(byId('tables', HTMLElement), id => this.#open(id))
  readonly #controls = startControls(patch => this.go(patch))
  readonly #panel = new Panel(byId('panel', HTMLElement), {
    open: name => this.#openService(name), close: () => this.#close(), showAround: around => this.go({ around }),
  })
  readonly #search = new Search(byId('search', HTMLInputElement), byId('found', HTMLElement), {
    openService: name => this.#openService(name), openNamespace: namespace => this.go({ namespace, around: 0 }),
    onError: error => { void this.#status.tell(error) },
  })
  readonly #live = new Live({
    refresh: signal => this.#refresh(signal), onResult: error => { void this.#status.tell(error) },
  })

  async start(): Promise<void> {
    startTheme(() => this.#picture.repaint())
    this.#search.start()
    startKeys(this.#map, this.#picture, { open: id => this.#open(id), tell: id => this.#tell(id) })
    startShortcuts({
      zoomBy: factor => this.#picture.zoomBy(factor), fit: () => this.#picture.fit(), close: () => this.#close(),
      tidy: () => { if (this.#model !== null) this.#picture.tidy(drawnMap(this.#model, this.#state, Date.now())) },
    })
    addEventListener('popstate', () => this.#become(readState(location.search)))
    new ResizeObserver(() => this.#picture.cy.resize()).observe(this.#map)
    this.#controls.show(this.#state)
    await this.#live.start()
  }

  /** Goes to another view; the browser's back button leads back. */
  go(patch: Partial<ViewState>): void {
    const next = { ...this.#state, ...patch }
    history.pushState(null, '', writeState(next) || location.pathname)
    this.#become(next)
  }

  #become(state: ViewState): void {
    const opens = state.selected !== null && (this.#state.selected === null || nameText(this.#state.selected) !== nameText(state.selected))
    this.#state = state
    this.#controls.show(state)
    // What is known is shown at once in its new looks; what is not is on its way.
    if (this.#loaded !== null && !asksForOther(state, this.#shownFor)) this.#show(this.#loaded)
    if (opens) this.#opensPanel = true
    void this.#live.now()
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const state = this.#state
    const panel = this.#panel.show(state.selected, state.around, signal)
    const [loaded] = await Promise.all([load(state, signal), panel])
    if (this.#opensPanel) this.#panel.focus()
    this.#opensPanel = false
    this.#shownFor = state
    this.#loaded = loaded
    this.#show(loaded)
  }

  #show(loaded: Loaded): void {
    const state = this.#state
    const model = modelOf(loaded, state)
    this.#model = model
    // First, since it takes room from the picture.
    showSurroundings(state, { summary: loaded.summary, model }, patch => this.go(patch))
    const { namespace, around, selected, grouped } = state
    const part = JSON.stringify([model.isSummary, namespace, around, around > 0 && selected, grouped])
    this.#picture.show(drawnMap(model, state, Date.now()), part)
    const chosen = selected === null ? null : nameText(selected)
    this.#picture.choose(chosen)
    if (state.layout !== 'map') this.#tables.show(model)
    this.#tables.mark(chosen)
    this.#map.setAttribute('aria-label', `Dependency map of ${countOf(model.drawn.nodes.length, model.isSummary ? 'namespace' : 'node')} and `
      + `${countOf(model.drawn.edges.length, 'line')}. Arrow keys go from one to the next, Enter opens it; the tables say the same in words.`)
    document.body.dataset['ready'] = 'true'
  }

  #open(id: string | null): void {
    const node = this.#model?.nodes.find(each => each.id === id)
    if (node === undefined) {
      if (id === null) this.#close()
    } else if (node.kind === 'namespace') this.go({ namespace: node.namespace, around: 0, selected: null })
    else this.#openService(node)
  }

  /** A service that is not on the map as it is brings its own part of the map. */
  #openService({ namespace, service }: ServiceName): void {
    const selected = { namespace, service }
    const isShown = this.#model?.drawn.nodes.some(({ id }) => id === nameText(selected)) === true
    this.go({ selected, around: isShown ? this.#state.around : 1 })
  }

  #close(): void {
    if (this.#state.selected === null) return
    this.go({ selected: null, around: 0 })
    this.#map.focus({ preventScroll: true })
  }

  #tell(id: string): void {
    const node = this.#model?.nodes.find(each => each.id === id)
    if (node !== undefined) byId('told', HTMLElement).textContent = spoken(node, this.#state)
  }
}

function asksForOther(a: ViewState, b: ViewState): boolean {
  return (['namespace', 'around', 'hideIdle', 'failingOnly'] as const).some(key => a[key] !== b[key])
    || (a.around > 0 && JSON.stringify(a.selected) !== JSON.stringify(b.selected))
}

function spoken(node: MapNode, { measure }: ViewState): string {
  return [
    node.name, node.kind === 'namespace' ? 'namespace' : `in ${node.namespace}`, factsText(node, measure),
    ...isUnhealthy(node) ? ['no instance passes'] : [], ...node.findings.length > 0 ? [countOf(node.findings.length, 'finding')] : [],
  ].join(', ')
}
