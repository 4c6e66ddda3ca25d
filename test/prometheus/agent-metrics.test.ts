import { describe, expect, it } from 'vitest'
import { parseExposition } from '../../demo/exposition.ts'
import { eventDefaults } from '../../src/contract/events.ts'
import { createAgentPage } from '../../src/prometheus/agent-metrics.ts'

describe('an agent’s own page', () => {
  it('tells its account, what its source counts, and what Node says of the process, as they are when asked for', async () => {
    let recorded = 10
    let held = 3
    const page = createAgentPage(() => ({ ...eventDefaults.agent, recorded, sent: 6, droppedQueueFull: 1 }), [
      { name: 'dns_frames', type: 'counter', help: 'Frames', read: () => [{ result: 'query', value: held }] },
      { name: 'dns_records', type: 'gauge', help: 'Records', read: () => [{ result: '', value: held }] },
    ])
    const told = async (): Promise<Record<string, number>> => Object.fromEntries(parseExposition(await page.text()).samples
      .filter(({ name }) => name.startsWith('discovery_'))
      .map(({ name, labels, value }) => [`${name.replace('discovery_agent_', '')} ${labels['result'] ?? ''}`.trim(), value]))
    expect(await told()).toEqual({
      'own_recorded_events_total': 10, 'own_pending_events': 3,
      'own_events_total sent': 6, 'own_events_total dropped_queue_full': 1, 'own_events_total dropped_too_large': 0,
      'own_events_total dropped_encode': 0, 'own_events_total dropped_send': 0, 'own_events_total dropped_shutdown': 0,
      'own_events_total sampled_out': 0, 'dns_frames_total query': 3, 'dns_records': 3,
    })
    recorded = 11
    held = 2
    expect(await told()).toMatchObject({ 'own_recorded_events_total': 11, 'own_pending_events': 4, 'dns_frames_total query': 2, 'dns_records': 2 })
    expect(await page.text()).toContain('process_cpu_seconds_total')
  })
})
