import type { CellKind } from '../core/cells.ts'
import { mostSeries } from '../core/families/cardinality.ts'
import type { Family } from '../core/family.ts'
import { findingsFamily } from './findings-family.ts'
import { foldFamilies } from './fold-family.ts'
import { ownFamilies, type OwnFamily } from './own-families.ts'

/** What a cell of a kind stands for: its families have so many series for each. */
const standsFor: Record<CellKind, string> = {
  registrations: 'service registered', registrationError: 'service, operation, category and code', instance: 'instance',
  version: 'version held', lookups: 'service looked up', lookupError: 'service, category and code', edge: 'client of a service',
  sequences: 'none', agent: 'agent', accounts: 'kind of agent', arrivals: 'kind of agent',
  cardinality: 'family that has a budget',
}

const INTRODUCTION = `# Metrics

Generated from the tables of families by \`npm run docs\`; a test fails when it is stale.

Every series of the fold carries \`shard\`, the input partition that it was counted from, and an empty \`instance\`: it goes on without a
break when its partition moves to another replica. Sum over \`shard\`, as the examples do; scrape with \`honor_labels: true\` and drop
\`pod\` (ops/prometheus/prometheus.yml). Counters are exact, through crashes and restarts. What the replica tells of itself
(\`discovery_aggregator_*\`) carries none of the two labels.

A page shows all families and services, in Prometheus’ text format, or in OpenMetrics 1.0 for whoever prefers that in \`Accept\`, as
Prometheus does. What it shows may be narrowed down: \`family[]=lookups_total\` to families (with or without \`discovery_\`),
\`namespace=shop\` to services of a namespace (edges: of the service that is looked up; what is told of no service is left out), each as
often as wanted, and in any combination with \`scope\`. \`created=1\` adds, in OpenMetrics, a \`_created\` sample to each counter, histogram
and summary: when its cell began. It is off unless asked for, since a Prometheus without \`created-timestamp-zero-ingestion\` stores each as
one more series.
`

/** What every family means, for people, as Markdown. */
export function metricsDocument(): string {
  const own: OwnFamily[] = Object.values(ownFamilies)
  return [
    INTRODUCTION, '## What is counted of service discovery\n', ...foldFamilies.map(familyText), findingsText(), '## What a replica tells of itself\n',
    '| family | type | labels | meaning |', '|---|---|---|---|', ...own.map(ownRow), '',
  ].join('\n')
}

function familyText(family: Family): string {
  const { name, type, unit, labels, help, question, example, cell } = family
  const facts = [type, ...(unit === '' ? [] : [`in ${unit}`]), `labels ${labels.map(label => `\`${label}\``).join(', ')}`]
  const series = cell === 'cardinality' ? 1 : mostSeries(family)
  return [
    `### ${name}\n`, `${help}\n`, `${facts.join(' · ')} · up to ${series} series for each ${standsFor[cell]}\n`, `**${question}**\n`,
    '```promql', example, '```\n',
  ].join('\n')
}

function findingsText(): string {
  const { name, type, labels, help, question, example } = findingsFamily
  return [
    `### ${name}\n`, `${help} Shown by the owner of shard \`lookups-0\` alone. What each kind means: [docs/api.md](api.md#findings).\n`,
    `${type} · labels ${labels.map(label => `\`${label}\``).join(', ')} · 6 series in all\n`, `**${question}**\n`, '```promql', example, '```\n',
  ].join('\n')
}

function ownRow({ name, type, labels, help }: OwnFamily): string {
  return `| \`${name}\` | ${type} | ${labels.map(label => `\`${label}\``).join(', ')} | ${help.replaceAll('|', '\\|')} |`
}
