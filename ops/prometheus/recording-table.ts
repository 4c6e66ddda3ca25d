/** How long a rate looks back, and how often it is recorded: a long window moves slowly, and reads much. */
export const windows = [
  { window: '5m', interval: '30s' }, { window: '30m', interval: '1m' }, { window: '1h', interval: '1m' }, { window: '6h', interval: '2m' },
] as const

/** A sum of rates: one series for each value of the labels of the level and of those that are `kept`. */
export interface Rate {
  /** The series asked for: a counter, or a histogram's buckets. */
  of: string
  kept: readonly string[]
  says: string
}

/** How much of `all` is `part`. */
export interface Ratio {
  name: string
  all: Rate
  /** A matcher of what is kept of `all`; or a rate of its own, with a series for each one of `all`. */
  part: string | Rate
  says: string
}

/** Quantiles of the durations that a rate of buckets holds. */
export interface Quantiles {
  name: string
  of: Rate
  says: string
}

/** What is recorded at one level. */
export interface Level {
  /** The first word of its rules' names. */
  name: string
  /** What its series are told apart by, whatever else they keep. */
  labels: readonly string[]
  /** The level whose records it adds up. Without one, it reads the series of the fold. */
  finer?: Level
  /** Instances, which are a state and no rate. */
  instances: boolean
  rates: readonly Rate[]
  ratios: readonly Ratio[]
  quantiles: readonly Quantiles[]
}

/** At the other windows they are one `histogram_quantile` over the recorded buckets away. */
export const quantileWindows: readonly string[] = ['5m', '1h']
export const quantiles = ['0.5', '0.95', '0.99'] as const

const lookups: Rate = { of: 'discovery_lookups_total', kept: ['outcome'], says: 'Look-ups a second, by outcome' }
const allLookups: Rate = { of: 'discovery_lookups_total', kept: [], says: 'Look-ups a second' }
const cacheRequests: Rate = {
  of: 'discovery_lookup_cache_requests_total', kept: ['result'], says: 'Look-ups a second whose cache result is known, by that result',
}
const lookupDurations: Rate = {
  of: 'discovery_lookup_duration_seconds_bucket', kept: ['cache', 'le'],
  says: 'Look-ups a second that took no longer than `le`, apart for cache hits and for all others; `+Inf`: all that were measured',
}
const registrations: Rate = {
  of: 'discovery_registrations_total', kept: ['operation', 'outcome'], says: 'Registrations a second, by operation and outcome',
}
const registrationDurations: Rate = {
  of: 'discovery_registration_duration_seconds_bucket', kept: ['le'],
  says: 'Registrations a second that took no longer than `le`; `+Inf`: all that were measured',
}
const requests: Rate = {
  of: 'discovery_service_graph_request_total', kept: [],
  says: 'Look-ups a second by clients of one namespace of servers of another, or of the same',
}
const failedRequests: Rate = {
  of: 'discovery_service_graph_request_failed_total', kept: [], says: 'Those of them that failed',
}

/** What is recorded at every level that knows services. */
const ofServices: Pick<Level, 'instances' | 'rates' | 'ratios' | 'quantiles'> = {
  instances: true,
  rates: [
    allLookups, lookups, cacheRequests,
    { of: 'discovery_lookup_errors_total', kept: ['category'], says: 'Look-ups a second that failed, by category of the error' },
    lookupDurations,
    { of: 'discovery_lookup_instances_bucket', kept: ['le'], says: 'Answers a second with no more than `le` usable instances' },
    registrations,
    {
      of: 'discovery_registration_errors_total', kept: ['operation', 'category'],
      says: 'Registrations a second that failed, by operation and category of the error',
    },
    registrationDurations,
    { of: 'discovery_lease_expirations_total', kept: [], says: 'Instances a second that ended because their lease ran out' },
    { of: 'discovery_deployments_total', kept: [], says: 'Versions a second that were seen for the first time' },
  ],
  ratios: [
    { name: 'discovery_lookup_failures_per_lookups', all: lookups, part: 'outcome="failure"', says: 'How much of the look-ups failed' },
    {
      name: 'discovery_lookup_cache_hits_per_requests', all: cacheRequests, part: 'result="hit"',
      says: 'How much of the look-ups whose cache result is known a cache answered; a stale answer is no hit',
    },
    {
      name: 'discovery_registration_failures_per_registrations', all: registrations, part: 'outcome="failure"',
      says: 'How much of the registrations failed, of whatever operation',
    },
  ],
  quantiles: [
    { name: 'discovery_lookup_duration_seconds', of: lookupDurations, says: 'Seconds that look-ups took, from a cache or not' },
    { name: 'discovery_registration_duration_seconds', of: registrationDurations, says: 'Seconds that registrations took' },
  ],
}

const namespace: Level = { name: 'namespace', labels: ['job', 'namespace'], ...ofServices }

/** Finer before coarser. */
export const levels: readonly Level[] = [
  namespace,
  {
    name: 'namespace_edge', labels: ['job', 'client_service_namespace', 'server_service_namespace'], instances: false,
    rates: [requests, failedRequests],
    ratios: [{
      name: 'discovery_service_graph_request_failures_per_requests', all: requests, part: failedRequests,
      says: 'How much of those look-ups failed',
    }],
    quantiles: [],
  },
  { name: 'cluster', labels: ['job'], finer: namespace, ...ofServices },
]
