import { rejectReasons } from '../../contract/bounds.ts'
import { dropReasons } from '../drop-reasons.ts'
import type { Family } from '../family.ts'
import { countOf, durationBounds } from '../histogram.ts'

export const arrivalFamilies: Family<'arrivals'>[] = [
  {
    name: 'discovery_event_delay_seconds', type: 'histogram', unit: 'seconds', labels: ['kind'], cell: 'arrivals', bounds: durationBounds,
    help: 'From when an event occurred, by the clock of its agent, to when Kafka appended it; by kind of agent.',
    question: 'How old are events when they arrive, and are the agents’ clocks right?',
    example: 'histogram_quantile(0.99, sum by (kind, le) (rate(discovery_event_delay_seconds_bucket[5m])))',
    read: (cell, put) => { if (countOf(cell.delay) > 0) put([cell.agentKind], cell.delay) },
  },
  {
    name: 'discovery_agent_events_received_total', type: 'counter', unit: '', labels: ['kind'], cell: 'arrivals',
    help: 'Look-ups and registrations that arrived, weights included, by kind of agent.',
    question: 'How much do agents of each kind send?',
    example: 'sum by (kind) (rate(discovery_agent_events_received_total[5m]))',
    read: (cell, put) => { if (cell.received + cell.repeated > 0) put([cell.agentKind], cell.received) },
  },
  {
    name: 'discovery_agent_events_repeated_total', type: 'counter', unit: '', labels: ['kind'], cell: 'arrivals',
    help: 'Look-ups and registrations that arrived again and were dropped, weights included, by kind of agent.',
    question: 'How often do agents have to send again?',
    example: 'sum by (kind) (rate(discovery_agent_events_repeated_total[5m]))',
    read: (cell, put) => { if (cell.received + cell.repeated > 0) put([cell.agentKind], cell.repeated) },
  },
  {
    name: 'discovery_agent_events_rejected_total', type: 'counter', unit: '', labels: ['kind', 'reason'], cell: 'arrivals',
    help: 'Look-ups and registrations that were set aside as no event within the contract; kind unknown: it could not be read whose.',
    question: 'Whose events break the contract, and how?',
    example: 'sum by (kind, reason) (increase(discovery_agent_events_rejected_total[1h])) > 0',
    read: (cell, put) => rejectReasons.forEach((reason, index) => put([cell.agentKind, reason], cell.rejected[index] ?? 0)),
  },
]

export const accountFamilies: Family<'accounts'>[] = [
  {
    name: 'discovery_agent_events_recorded_total', type: 'counter', unit: '', labels: ['kind'], cell: 'accounts',
    help: 'Look-ups and registrations that agents recorded, weights included, by kind of agent, as they report it every ten seconds.',
    question: 'Does all that was recorded arrive?',
    example: 'sum(discovery_agent_events_recorded_total) - sum(discovery_agent_events_received_total) - ' +
      'sum(discovery_agent_events_dropped_total) - sum(discovery_agent_events_rejected_total)',
    read: (cell, put) => put([cell.agentKind], cell.recorded),
  },
  {
    name: 'discovery_agent_events_dropped_total', type: 'counter', unit: '', labels: ['kind', 'reason'], cell: 'accounts',
    help: 'Look-ups and registrations that agents recorded and dropped, weights included, by kind of agent and reason.',
    question: 'What do agents have to drop, and why?',
    example: 'sum by (kind, reason) (increase(discovery_agent_events_dropped_total[1h])) > 0',
    read: (cell, put) => dropReasons.forEach(({ reason }, index) => put([cell.agentKind, reason], cell.dropped[index] ?? 0)),
  },
  {
    name: 'discovery_agents', type: 'gauge', unit: '', labels: ['kind', 'state'], cell: 'accounts',
    help: 'Agents by kind; silent: three reports or more are missing. One that has ended is silent until it is no longer held.',
    question: 'How many agents work, and how many have fallen silent?',
    example: 'sum by (kind, state) (discovery_agents)',
    read: (cell, put) => {
      put([cell.agentKind, 'active'], cell.active)
      put([cell.agentKind, 'silent'], cell.silent)
    },
  },
]
