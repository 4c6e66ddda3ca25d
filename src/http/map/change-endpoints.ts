import { changeKinds, type Change } from '../../views/graph/changes.ts'
import { diffOf } from '../../views/graph/diff.ts'
import { findingKinds, type Finding } from '../../views/graph/findings.ts'
import { isoTime } from '../../views/traffic.ts'
import * as parameters from '../openapi/parameters.ts'
import { Problem } from '../problem.ts'
import { querying, type MapDeps } from './answer.ts'
import { ChangeFeed } from './change-feed.ts'
import { ChangeStreams, type StreamLimits } from './change-stream.ts'

export interface ChangeDeps extends MapDeps {
  /** Unless given, those that are documented. */
  streams?: { limits?: StreamLimits; onCut?: () => void; interval?: number } | undefined
}

const DEFAULT_SINCE_MS = 900_000
const DEFAULT_LIMIT = 1_000

export function changeHandlers(deps: ChangeDeps) {
  const { map, onError, streams: { interval, ...streams } = {} } = deps
  const feed = new ChangeFeed({ map, onError, ...(interval === undefined ? {} : { interval }) })
  const open = new ChangeStreams(feed, streams)
  return {
    '/api/v1/graph/changes': querying(parameters.changesParameters, async ({ query, req, res }) => {
      const { now } = await map.read()
      const [since, kind, namespace] = [query.moment('since', now), query.choice('kind', changeKinds), query.text('namespace')]
      res.vary('Accept')
      if (req.accepts(['json', 'text/event-stream']) === 'text/event-stream') {
        const wants = (change: Change) => (kind === undefined || change.kind === kind) &&
          (namespace === undefined || change.namespace === namespace || change.clientNamespace === namespace)
        return open.open(req, res, { wants, since })
      }
      const from = since ?? now - DEFAULT_SINCE_MS
      const { until, changes, truncated } = await feed.changes({ since: from, kind, namespace, limit: query.number('limit') ?? DEFAULT_LIMIT })
      res.json({ since: isoTime(from), until: isoTime(until), changes, truncated })
    }),
    '/api/v1/graph/diff': querying(parameters.diffParameters, async ({ query, res }) => {
      const reading = await map.read()
      const [from = 0, to = reading.now] = [query.moment('from', reading.now), query.moment('to', reading.now)]
      if (from > to) throw new Problem('bad_parameter', 'from must not be later than to.')
      res.json(await map.run(diffOf(reading.snapshot, reading, { from, to, namespace: query.text('namespace') })))
    }),
    '/api/v1/findings': findingsHandler(deps),
  }
}

function findingsHandler({ map }: MapDeps) {
  return querying(parameters.findingsParameters, async ({ query, res }) => {
    const { at, findings, counts } = await map.findings()
    const [kind, namespace, service] = [query.choice('kind', findingKinds), query.text('namespace'), query.text('service')]
    const found = findings.filter(finding => (kind === undefined || finding.kind === kind) &&
      (namespace === undefined || finding.namespace === namespace) && (service === undefined || finding.service === service))
    const limit = query.number('limit')
    const after = query.text('cursor')
    const begin = after === undefined ? 0 : found.findIndex(finding => cursorOf(finding) === after) + 1
    const page = limit === undefined ? found : found.slice(begin, begin + limit)
    const last = page.at(-1)
    const next = last !== undefined && begin + page.length < found.length ? cursorOf(last) : null
    res.json({ at: isoTime(at), counts, findings: page, ...(limit === undefined ? {} : { next }) })
  })
}

function cursorOf({ kind, namespace, service }: Finding): string {
  return [kind, namespace, service].map(encodeURIComponent).join('/')
}
