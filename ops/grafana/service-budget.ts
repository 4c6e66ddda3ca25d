import { CustomVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Section } from './dashboard.ts'
import { stat, timeseries } from './panels.ts'
import { SERVICE } from './service-selector.ts'

/** How much of the look-ups is to succeed. */
export function objectiveVariable(): CustomVariableBuilder {
  return new CustomVariableBuilder('objective').label('Objective').values('99.9 % : 0.999,99 % : 0.99,99.5 % : 0.995,99.99 % : 0.9999')
}

const events = (family: string, range: string, more = ''): string => `sum(${family}(discovery_lookups_total{${SERVICE}${more}}[${range}]))`

/** What share of the look-ups of a range failed, as a multiple of what may fail. */
function burnRate(range: string, family = 'rate'): string {
  const failed = `(${events(family, range, ',outcome="failure"')} or vector(0))`
  return `${failed} / (${events(family, range)} > 0) / (1 - $objective)`
}

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
        says: 'How much of the failures that the objective allows in the time range has not happened. Below zero: the objective is missed.',
      },
      { expr: `1 - ${burnRate('$__range', 'increase')}` },
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
      { expr: burnRate('1h') },
    ),
    timeseries(
      {
        title: 'Burn rate',
        unit: 'none',
        width: 16,
        height: 8,
        says: 'How many times faster than allowed look-ups fail, over several windows: a peak is over when the short ones fall.',
      },
      ['5m', '30m', '1h', '6h'].map(window => ({ expr: burnRate(window), legend: window })),
    ),
  ],
}
