import { produceBacklog } from './backlog.ts'
import type { Topology } from './lookups.ts'
import { withSite, type Site } from './site.ts'
import type { Sizes } from './sizes.ts'

/** As counted on a page, about: a service that is looked up has so many series of its own, and an edge so many. */
const SERIES_OF_SERVICE = 55
const SERIES_OF_EDGE = 4
/** Of all series, those of services: the rest are edges'. */
const SERVICES_SHARE = 0.5
const LOOKUPS_PER_EDGE = 3

export interface Million {
  topology: Topology
  records: number
}

/** A site whose look-ups come to about as many series as wanted, half of them services' and half edges'; each edge is used three times. */
export function withSeries<T>({ series, framing }: Pick<Sizes, 'series' | 'framing'>, work: (site: Site, million: Million) => Promise<T>): Promise<T> {
  const services = Math.ceil(series * SERVICES_SHARE / SERIES_OF_SERVICE)
  const edges = Math.ceil(series * (1 - SERVICES_SHARE) / SERIES_OF_EDGE / services) * services
  const topology: Topology = { services, edges, agents: Math.ceil(services / 10), use: 'even' }
  return withSite(async site => {
    await site.create(site.topics)
    const records = LOOKUPS_PER_EDGE * edges
    await produceBacklog(site.brokers, site.topics.lookups, { records, topology, framing })
    return work(site, { topology, records })
  })
}
