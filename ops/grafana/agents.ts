import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { dashboard, type Section } from './dashboard.ts'
import { labelVariable } from './variables.ts'
import { stacked, stat, timeseries } from './panels.ts'

const CHOSEN = 'job="$job",kind=~"$kind"'
const DELAYS = `sum by (kind, le) (rate(discovery_event_delay_seconds_bucket{${CHOSEN}}[$__rate_interval]))`
const events = (family: string): string => `discovery_agent_events_${family}_total{${CHOSEN}}`
const orNone = (expr: string): string => `(${expr} or vector(0))`
const sums = (families: readonly string[]): string[] => families.map(each => orNone(`sum(${events(each)})`))

/** Whether all that was recorded arrives: agents by kind, and what became of their events. */
export function agentsDashboard(): Dashboard {
  return dashboard({
    uid: 'discovery-agents',
    title: 'agents',
    says: 'Whether agents work, and whether all that they record arrives.',
    variables: [
      labelVariable('kind', 'Kind', 'label_values(discovery_agent_events_received_total{job="$job"}, kind)')
        .multi(true)
        .includeAll(true)
        .allValue('.*'),
    ],
    sections: [summary, accounting, delays],
  })
}

const summary: Section = {
  title: 'Now',
  panels: [
    stat(
      { title: 'Active', unit: 'none', says: 'Agents that report every ten seconds.' },
      { expr: `sum(discovery_agents{${CHOSEN},state="active"})` },
    ),
    stat(
      {
        title: 'Silent',
        unit: 'none',
        steps: [[1, 'orange']],
        says: 'Three reports or more are missing. One that has ended is silent until it is no longer held.',
      },
      { expr: orNone(`sum(discovery_agents{${CHOSEN},state="silent"})`) },
    ),
    stat(
      { title: 'Events', unit: 'cps', says: 'Look-ups and registrations that arrive a second, weights included.' },
      { expr: `sum(rate(${events('received')}[5m]))` },
    ),
    stat(
      {
        title: 'Unaccounted for',
        unit: 'none',
        steps: [[1, 'red']],
        says: 'Recorded, and neither received, dropped nor rejected, in all. It wavers: agents report every ten seconds.',
      },
      {
        expr: [`sum(${events('recorded')})`, ...sums(['received', 'dropped', 'rejected'])].join(' - '),
      },
    ),
    stat(
      { title: 'Dropped', unit: 'none', steps: [[1, 'orange']], says: 'By agents, in the time range.' },
      { expr: orNone(`sum(increase(${events('dropped')}[$__range]))`) },
    ),
    stat(
      { title: 'Rejected', unit: 'none', steps: [[1, 'orange']], says: 'Set aside as no events within the contract, in the time range.' },
      { expr: orNone(`sum(increase(${events('rejected')}[$__range]))`) },
    ),
  ],
}

const accounting: Section = {
  title: 'What became of the events',
  panels: [
    timeseries(
      { title: 'Recorded and received', unit: 'cps', width: 12, says: 'A second, by kind of agent: the two should lie upon each other.' },
      [
        { expr: `sum by (kind) (rate(${events('recorded')}[$__rate_interval]))`, legend: '{{kind}} recorded' },
        { expr: `sum by (kind) (rate(${events('received')}[$__rate_interval]))`, legend: '{{kind}} received' },
      ],
    ),
    stacked({ title: 'Agents', unit: 'none', width: 12, says: 'By kind and state.' }, [
      { expr: `sum by (kind, state) (discovery_agents{${CHOSEN}})`, legend: '{{kind}} {{state}}' },
    ]),
    timeseries(
      {
        title: 'Dropped by agents',
        unit: 'cps',
        none: 'none',
        says: 'By kind and reason: a full queue is a broker that is too slow or out of reach.',
      },
      [{ expr: `sum by (kind, reason) (rate(${events('dropped')}[$__rate_interval]))`, legend: '{{kind}} {{reason}}' }],
    ),
    timeseries({ title: 'Rejected', unit: 'cps', none: 'none', says: 'By kind and reason: whose events break the contract, and how.' }, [
      { expr: `sum by (kind, reason) (rate(${events('rejected')}[$__rate_interval]))`, legend: '{{kind}} {{reason}}' },
    ]),
    timeseries({ title: 'Sent again', unit: 'cps', none: 'none', says: 'Events that arrived again and were dropped.' }, [
      { expr: `sum by (kind) (rate(${events('repeated')}[$__rate_interval]))`, legend: '{{kind}}' },
    ]),
  ],
}

const delays: Section = {
  title: 'Age of events when they arrive',
  panels: [
    timeseries(
      {
        title: 'From event to Kafka',
        unit: 's',
        width: 24,
        says: 'By the clock of the agent: a constant difference is a clock that is wrong.',
      },
      ['0.5', '0.99'].map(quantile => ({
        expr: `histogram_quantile(${quantile}, ${DELAYS}) >= 0`,
        legend: `{{kind}} ${Number(quantile) * 100} of 100`,
      })),
    ),
  ],
}
