import { DatasourceVariableBuilder, QueryVariableBuilder, VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard'
import { INFINITY, PROMETHEUS, prometheusSource } from './sources.ts'

/** The value that stands for all in a matcher by pattern. */
const ANY = '.*'

export function prometheusVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource').label('Prometheus').type(PROMETHEUS)
}

export function apiVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('api').label('API of discovery-metrics (Infinity)').type(INFINITY)
}

/** Which deployment: nothing but `job` tells two on the same inputs apart. */
export function jobVariable(): QueryVariableBuilder {
  return labelVariable('job', 'Deployment', 'label_values(discovery_aggregator_build_info, job)')
}

/** Namespaces of services that are registered or looked up, one of them or, where `several`, any number. */
export function namespaceVariable({ several }: { several: boolean }): QueryVariableBuilder {
  const variable = labelVariable('namespace', 'Namespace', `label_values(${known('job="$job"')}, namespace)`)
  return several ? variable.multi(true).includeAll(true).allValue(ANY) : variable
}

/** A service of the namespace that is registered or looked up. */
export function serviceVariable(): QueryVariableBuilder {
  return labelVariable('service', 'Service', `label_values(${known('job="$job",namespace="$namespace"')}, service)`)
}

/** Every service is in one of the two: there may be nobody who registers it, or nobody who looks it up. */
function known(matchers: string): string {
  return `{__name__=~"discovery_instances|discovery_lookups_total",${matchers}}`
}

export function labelVariable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name).label(label).datasource(prometheusSource).query({ query, refId: name }).definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
}
