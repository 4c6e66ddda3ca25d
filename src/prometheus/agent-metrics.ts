import { Counter, Gauge, Registry } from 'prom-client'
import type { AgentReport } from '../contract/events.ts'
import type { Collected } from './collector.ts'
import { metricText } from './metric-text.ts'
import { collectNodeMetrics } from './registry.ts'
import { contentTypes } from './text.ts'

/** What an agent counts itself: the name without prefix and unit, and the samples as they are when asked for. */
export interface AgentFamily {
  /** Such as `dns_frames`; `discovery_agent_` stands before it, and `_total` behind a counter's. */
  name: string
  type: 'counter' | 'gauge'
  help: string
  /** `result`: the value of the one label; empty: the family has one sample, without it. */
  read: () => readonly { result: string; value: number }[]
}

const reported = ['sent', 'droppedQueueFull', 'droppedTooLarge', 'droppedEncode', 'droppedSend', 'droppedShutdown', 'sampledOut'] as const

/**
 * An agent's own page. Its names differ from those that the aggregator makes of all agents' reports (`discovery_agent_events_…`), so that
 * nobody adds the same events up twice.
 */
export function createAgentPage(report: () => AgentReport, families: readonly AgentFamily[]): { contentType: string; text: () => Promise<string> } {
  const registry = new Registry()
  collectNodeMetrics(registry)
  for (const family of [...ownAccount(report), ...families]) register(registry, family)
  return { contentType: contentTypes.text, text: () => textOf(registry) }
}

/** By our own writer, since prom-client's writes a NaN that is none (15.1.3). */
async function textOf(registry: Registry): Promise<string> {
  const metrics = registry.getMetricsAsArray() as unknown as { get: () => Promise<Collected> }[]
  const texts = await Promise.all(metrics.map(async metric => metricText(await metric.get(), 'text')))
  return texts.join('')
}

/** Law: recorded = the sum of results + pending. */
function ownAccount(report: () => AgentReport): AgentFamily[] {
  const pending = (): number => {
    const told = report()
    return reported.reduce((rest, field) => rest - told[field], told.recorded)
  }
  return [
    {
      name: 'own_recorded_events', type: 'counter', help: 'Look-ups and registrations recorded by this agent, weights included',
      read: () => [{ result: '', value: report().recorded }],
    },
    {
      name: 'own_events', type: 'counter', help: 'What became of what this agent recorded, weights included',
      read: () => {
        const told = report()
        return reported.map(field => ({ result: field.replaceAll(/[A-Z]/g, sign => `_${sign.toLowerCase()}`), value: told[field] }))
      },
    },
    {
      name: 'own_pending_events', type: 'gauge', help: 'What this agent has recorded and not yet sent or dropped',
      read: () => [{ result: '', value: pending() }],
    },
  ]
}

function register(registry: Registry, { name, type, help, read }: AgentFamily): void {
  const isLabelled = read().some(({ result }) => result !== '')
  const options = {
    name: `discovery_agent_${name}${type === 'counter' ? '_total' : ''}`, help, labelNames: isLabelled ? ['result'] : [], registers: [registry],
  }
  const labels = (result: string): Record<string, string> => (isLabelled ? { result } : {})
  if (type === 'gauge') {
    const gauge: Gauge = new Gauge({ ...options, collect: () => { for (const { result, value } of read()) gauge.set(labels(result), value) } })
    return
  }
  const collect = (): void => {
    counter.reset()
    for (const { result, value } of read()) counter.inc(labels(result), value)
  }
  const counter: Counter = new Counter({ ...options, collect })
}
