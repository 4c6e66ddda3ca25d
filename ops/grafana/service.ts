import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { dashboard } from './dashboard.ts'
import { budget } from './service-budget.ts'
import { cache, dependencies, instances, latency } from './service-details.ts'
import { patterns, rates, summary } from './service-figures.ts'
import { SERVICE } from './service-selector.ts'
import { namespaceVariable, serviceVariable } from './variables.ts'

/** All that is known of one service. */
export function serviceDashboard(): Dashboard {
  return dashboard({
    uid: 'discovery-service', title: 'service', says: 'One service: whether it is found, how fast, by whom, and what there is to be found.',
    variables: [namespaceVariable({ several: false }), serviceVariable()], deploymentsOf: SERVICE,
    sections: [summary, rates, budget, patterns, latency, cache, instances, dependencies],
  })
}
