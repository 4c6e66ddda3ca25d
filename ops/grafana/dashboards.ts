import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { agentsDashboard } from './agents.ts'
import { mapDashboard } from './map.ts'
import { overviewDashboard } from './overview.ts'
import { registrationsDashboard } from './registrations.ts'
import { selfDashboard } from './self.ts'
import { serviceDashboard } from './service.ts'

/** Every dashboard, as Grafana reads it. */
export function allDashboards(): Dashboard[] {
  return [overviewDashboard(), serviceDashboard(), mapDashboard(), registrationsDashboard(), selfDashboard(), agentsDashboard()]
}

/** The files of `dashboards/`, by name. */
export function dashboardFiles(): Map<string, string> {
  return new Map(allDashboards().map(dashboard => [`${dashboard.uid ?? ''}.json`, `${JSON.stringify(dashboard, null, 2)}\n`]))
}
