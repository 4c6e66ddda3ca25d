import type { Column } from './panels.ts'

/** What errors are held against: the six hours before the last ten minutes. */
const [NOW, PAST] = ['[10m]', '[6h] offset 10m']
const MOST = 50

/** Look-ups that fail, against their own past: those that fail most now. An error without a past stands there without a factor. */
export function errorPatterns(by: string, matchers: string): Column[] {
  const errors = (range: string): string => `sum by (${by}) (rate(discovery_lookup_errors_total{${matchers}}${range}))`
  return [
    { name: 'Now', unit: 'reqps', expr: `topk(${MOST}, ${errors(NOW)} > 0)` },
    { name: 'Before', unit: 'reqps', expr: `${errors(PAST)} and topk(${MOST}, ${errors(NOW)} > 0)` },
    { name: 'Factor', unit: 'none', expr: `${errors(NOW)} / (${errors(PAST)} > 0) and topk(${MOST}, ${errors(NOW)} > 0)` },
  ]
}
