import { stringify } from 'yaml'
import { RUNBOOKS, type Alert, type AlertGroup, type Board } from './alert.ts'
import { objectiveAlerts } from './objectives.ts'
import { selfAlerts } from './self.ts'
import { serviceAlerts } from './services.ts'

/** Every alert that is shipped. */
export const alertGroups: readonly AlertGroup[] = [objectiveAlerts, serviceAlerts, selfAlerts]

/** Variables that each dashboard takes of an alert's labels. */
const variables: Readonly<Record<Board, readonly string[]>> = {
  overview: ['job'], service: ['job', 'namespace', 'service'], map: ['job'], registrations: ['job', 'namespace'], self: ['job'],
  agents: ['job'],
}

/** The text of `alerts.yml`. */
export function alertsFile(): string {
  const groups = alertGroups.map(({ name, alerts }) => ({ name, rules: alerts.map(ruleOf) }))
  return INTRODUCTION + stringify({ groups }, { lineWidth: 130, singleQuote: true })
}

/** An alert as Prometheus takes it. */
export function ruleOf({ name, severity, expr, summary, description, board, for: held }: Alert): Record<string, unknown> {
  return {
    alert: name, expr, ...(held === undefined ? {} : { for: held }), labels: { severity },
    annotations: { summary, description, runbook_url: `${RUNBOOKS}/${name}.md`, dashboard: dashboardOf(board) },
  }
}

/** Behind Grafana's own address. */
function dashboardOf(board: Board): string {
  const query = variables[board].map(name => `var-${name}={{ $labels.${name} | urlquery }}`).join('&')
  return `/d/discovery-${board}?${query}`
}

/** `docs/alerts.md`. */
export function alertsDocument(): string {
  return [DOCUMENT, ...alertGroups.map(groupText)].join('\n')
}

function groupText({ name, says, alerts }: AlertGroup): string {
  const rows = alerts.map(({ name: alert, severity, summary, board, for: held = 'at once' }) =>
    `| [${alert}](runbooks/${alert}.md) | ${severity} | ${summary} | ${held} | \`discovery-${board}\` |`)
  const head = ['| alert | severity | what it says | after | dashboard |', '|---|---|---|---|---|']
  return [`## \`${name}\`\n`, `${says}\n`, ...head, ...rows, ''].join('\n')
}

const INTRODUCTION = `\
# Written by \`node ops/prometheus/write.ts\` from ops/alerts; a test fails when it is stale. docs/alerts.md is the list, docs/runbooks says
# of each what it means, how to look, and what to do.
`

const DOCUMENT = `# Alerts

Written by \`node ops/prometheus/write.ts\` from the table in [\`ops/alerts\`](../ops/alerts), as is
[\`ops/prometheus/alerts.yml\`](../ops/prometheus/alerts.yml); a test fails when it is stale. Each has a runbook. Each is tested with
promtool: silent one step short, calling when it should, and over when it should be.

- **critical** is for a call at once, **warning** for the same day, **info** for whoever looks.
- What is promised of look-ups is one table, [\`ops/objectives.yml\`](../ops/objectives.yml); \`npm run docs\` makes rules of it.
  Why windows, factors and bounds are as they are: [ADR 22](adr/0022-burn-rates.md).
- \`runbook_url\` begins with \`${RUNBOOKS}\`: change it in \`ops/alerts/alert.ts\` to
  where you serve \`docs/runbooks\`.
- \`dashboard\` is the way behind Grafana's own address.
`
