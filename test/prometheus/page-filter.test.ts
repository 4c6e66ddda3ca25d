import { describe, expect, it } from 'vitest'
import { renderPage } from '../../src/prometheus/exposition.ts'
import type { PageFilter } from '../../src/prometheus/page-filter.ts'
import { createRegistry } from '../../src/prometheus/registry.ts'
import { emptyState } from '../../src/core/state.ts'
import { lookup, ofEveryFamily, shardOf, T0 } from '../views/shards.ts'
import { Written } from '../checkpoint/written.ts'
import { fold } from '../../src/core/fold.ts'
import { pageOf } from './pages-of.ts'

const shards = [shardOf([...ofEveryFamily, lookup({ namespace: 'mail', service: 'smtp' }), lookup({ clientNamespace: 'mail', client: 'smtp' })])]
const registry = createRegistry({ shards: () => shards })

async function pageWith(filter: Partial<PageFilter>): Promise<string> {
  return Buffer.concat(await renderPage({
    registry, shards, format: 'text', filter: { families: null, namespaces: null, ...filter }, turn: async () => {},
  })).toString()
}

const linesOf = (page: string) => page.split('\n').filter(line => line !== '')

describe('a page with a filter', () => {
  it('has the families that are asked for, as the whole page has them, and nothing else', async () => {
    const families = ['discovery_lookups_total', 'discovery_service_graph_request_server_seconds', 'discovery_agents']
    const whole = linesOf(await pageOf(registry, shards))
    const wanted = whole.filter(line => families.some(name => new RegExp(`^(# (HELP|TYPE) )?${name}(_sum|_count)?[ {]`).test(line)))
    expect(wanted.length).toBeGreaterThan(12)
    expect(linesOf(await pageWith({ families }))).toEqual(wanted)
  })

  it('has what the process says of itself only where that is asked for', async () => {
    expect(await pageWith({ families: ['process_start_time_seconds'] })).toMatch(/^# HELP process_start_time_seconds .*\n# TYPE .*\nprocess_start/)
    expect(await pageWith({ namespaces: ['shop'] })).not.toContain('process_')
  })

  it('has the services of the namespaces that are asked for, and who looks them up, wherever he is', async () => {
    const samples = linesOf(await pageOf(registry, shards)).filter(line => !line.startsWith('#'))
    const ofMail = samples.filter(line => /[{,](server_service_)?namespace="mail"/.test(line))
    const ofBoth = samples.filter(line => /[{,](server_service_)?namespace="(mail|shop)"/.test(line))
    const shownFor = async (...namespaces: string[]) => linesOf(await pageWith({ namespaces })).filter(line => !line.startsWith('#'))
    expect(ofMail.length).toBeGreaterThan(40)
    expect(ofMail.some(line => line.includes('client_service_namespace="shop"'))).toBe(true)
    expect(await shownFor('mail')).toEqual(ofMail)
    expect(await shownFor('mail', 'shop')).toEqual(ofBoth)
    expect(await shownFor('nowhere')).toEqual([])
  })

  it('lets others work while it looks for the few that it shows', async () => {
    const written = new Written()
    const state = emptyState(0)
    for (let offset = 0; offset < 640; offset++) fold(state, lookup({ namespace: `n${offset}` }), { offset, appendTime: T0 })
    written.append(...written.checkpoint(state, written.claim()))
    const [shard] = written.view.visible
    if (shard === undefined) throw new Error('nothing was written')
    let turns = 0
    const filter = { families: ['discovery_lookups_total'], namespaces: ['n17'] }
    const only = createRegistry({ shards: () => [] })
    const page = Buffer.concat(await renderPage({
      registry: only, shards: [shard], format: 'text', filter, turn: async () => { turns++ },
    })).toString()
    expect(linesOf(page).filter(line => !line.startsWith('#'))).toEqual([
      'discovery_lookups_total{namespace="n17",service="cart",outcome="success",shard="lookups-0",instance=""} 1',
    ])
    expect(turns).toBe(10)
  })
})
