import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dashboardFiles } from '../../ops/grafana/dashboards.ts'
import { operations } from '../../src/http/openapi/operations.ts'
import { expressionsOf, interpolated, panelsOf, shownDashboards } from './dashboards.ts'
import { everyRecord, wholeVocabulary } from './rules.ts'
import { faultsOf, addAttached } from './vocabulary.ts'

const folder = new URL('../../ops/grafana/dashboards/', import.meta.url)
const dashboards = shownDashboards()
const panels = dashboards.flatMap(dashboard => panelsOf(dashboard).map(panel => ({ uid: dashboard.uid, ...panel })))
const expressions = dashboards.flatMap(expressionsOf)

describe('the dashboards', () => {
  it('are committed as they are built: run node ops/grafana/write.ts', () => {
    const committed = readdirSync(folder).map(name => [name, readFileSync(new URL(name, folder), 'utf8')])
    expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(dashboardFiles()))
  })

  it('are the six that the documents name', () => {
    expect(dashboards.map(({ uid }) => uid).toSorted()).toEqual([
      'discovery-agents',
      'discovery-map',
      'discovery-overview',
      'discovery-registrations',
      'discovery-self',
      'discovery-service',
    ])
    const deploying = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8')
    expect(dashboards.filter(({ uid }) => !deploying.includes(`\`${uid}\``))).toEqual([])
  })

  it('ask only for series, labels and values that there are', () => {
    const vocabulary = addAttached(wholeVocabulary(everyRecord()))
    expect(expressions.length).toBeGreaterThan(100)
    expect(expressions.flatMap(({ at, expr }) => faultsOf(interpolated(expr, {}), vocabulary).map(fault => `${at}: ${fault}`))).toEqual([])
  })

  it('keep to one deployment wherever they ask', () => {
    const jobless = expressions.filter(({ at, expr }) => !at.endsWith('$job') && !expr.includes('job="$job"'))
    // Prometheus' own, which knows no deployment: an alert over a sum has no job.
    expect(jobless.map(({ at }) => at)).toEqual(['discovery-overview: Alerts'])
  })

  it('use no variable that they do not have', () => {
    const builtIn = /^__|^timeFilter$/
    const unknown = dashboards.flatMap(dashboard => {
      const has = new Set(dashboard.templating.list.map(({ name }) => name))
      const used = [...JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name ?? '')
      return used.filter(name => !builtIn.test(name) && !has.has(name)).map(name => `${dashboard.uid}: $${name}`)
    })
    expect(unknown).toEqual([])
  })

  it('let the data source be chosen, by name nowhere', () => {
    const sources = new Set(
      panels.flatMap(({ datasource, targets }) => [datasource, ...targets.map(target => target.datasource)].map(source => source?.uid)),
    )
    expect(sources).toEqual(new Set(['${datasource}', '${api}']))
  })

  it('tell on each panel what it means, in a unit', () => {
    expect(panels.filter(({ title, description }) => title === '' || (description ?? '').length < 10).map(({ title }) => title)).toEqual([])
    const unitless = panels.filter(
      ({ type, fieldConfig }) => !['table', 'nodeGraph'].includes(type) && fieldConfig.defaults.unit === undefined,
    )
    expect(unitless.map(({ title }) => title)).toEqual([])
  })

  it('lead to each other: all by their tag, and panels to dashboards that there are', () => {
    for (const { links, tags } of dashboards) expect(links).toMatchObject([{ tags, includeVars: true, keepTime: true }])
    const uids = new Set(dashboards.map(({ uid }) => uid))
    const led = panels.flatMap(({ fieldConfig }) =>
      (fieldConfig.defaults.links ?? []).map(({ url }) => /^\/d\/([\w-]+)/.exec(url)?.[1] ?? url),
    )
    expect(led.length).toBeGreaterThan(5)
    expect(led.filter(uid => !uids.has(uid))).toEqual([])
  })

  it('mark deployments where services are looked at', () => {
    const marked = dashboards
      .filter(({ annotations }) => (annotations.list ?? []).some(({ useValueForTime }) => useValueForTime))
      .map(({ uid }) => uid)
    expect(marked).toEqual(['discovery-overview', 'discovery-service', 'discovery-registrations'])
  })

  it.each(dashboards)('place no two panels of $uid upon each other, and give each a number of its own', ({ panels: placed }) => {
    expect(new Set(placed.map(({ id }) => id)).size).toBe(placed.length)
    const taken = placed.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    )
    expect(new Set(taken).size).toBe(taken.length)
    expect(placed.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([])
  })
})

describe('what the map asks of the API', () => {
  const asked = panels.flatMap(({ targets }) =>
    targets.flatMap(({ url }) => (url === undefined ? [] : [new URL(interpolated(url, choice), 'http://replica')])),
  )
  const paths = new Map(operations.map(({ path, parameters }) => [path, parameters.map(({ name }) => name)]))

  it('is what the API has, with parameters that it has', () => {
    expect(asked.map(({ pathname }) => pathname)).toEqual([
      '/api/v1/grafana/nodes',
      '/api/v1/grafana/edges',
      '/api/v1/findings',
      '/api/v1/graph/changes',
    ])
    for (const { pathname, searchParams } of asked) expect(paths.get(pathname)).toEqual(expect.arrayContaining([...searchParams.keys()]))
  })
})

/** Of the map's variables: one service, two edges away. */
const choice = { namespace: 'shop', service: 'cart', depth: 'depth=2', failing: 'true' }
