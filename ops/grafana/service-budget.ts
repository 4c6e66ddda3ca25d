import type { Section } from './dashboard.ts'
import { stat, timeseries } from './panels.ts'
import { SERVICE } from './service-selector.ts'

const objectives = ['success', 'latency'] as const
const record = (of: string, what: string): string => `service:discovery_lookup_${of}_${what}{${SERVICE}}`
const burn = (of: string, window: string): string => record(of, `burn:ratio_rate${window}`)

/** All from the recording rules of ops/objectives.yml, so that the panels say what the alerts see. */
export const budget: Section = {
  title: 'Error budget',
  panels: [
    stat(
      {
        title: 'Budget left',
        height: 8,
        unit: 'percentunit',
        base: 'red',
        steps: [
          [0, 'orange'],
          [0.25, 'green'],
        ],
        // It adds up whole hours.
        none: 'from the first full hour on',
        says: 'How much of what the objective allows to fail, and to be slow, in thirty days has not happened. Below zero: it is missed.',
      },
      ...objectives.map(of => ({ expr: record(of, 'budget_remaining:ratio30d'), legend: of })),
    ),
    stat(
      {
        title: 'Burn rate, an hour',
        height: 8,
        unit: 'none',
        steps: [
          [1, 'orange'],
          [14.4, 'red'],
        ],
        says: '1: the budget lasts exactly as long as the objective’s period. 14.4: a thirty days’ budget is gone in two days.',
      },
      ...objectives.map(of => ({ expr: burn(of, '1h'), legend: of })),
    ),
    timeseries(
      {
        title: 'Burn rate',
        unit: 'none',
        width: 16,
        height: 8,
        says: 'How many times faster than allowed look-ups fail or are slow: a peak is over when the short window falls.',
      },
      objectives.flatMap(of => ['5m', '30m', '1h', '6h'].map(window => ({ expr: burn(of, window), legend: `${of} ${window}` }))),
    ),
  ],
}
