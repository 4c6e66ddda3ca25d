import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { RuleGroup } from './promtool-tests.ts'
import { quickened } from './quick-rules.ts'

const quick = (expr: string): string | undefined => {
  const rules = JSON.stringify({ groups: [{ name: 'a', rules: [{ alert: 'A', expr }] }] })
  const { groups } = parse(quickened(rules, 30)) as { groups: RuleGroup[] }
  return groups[0]?.rules[0]?.expr
}

describe('rules in which time goes thirty times faster', () => {
  it.each([
    ['sum(rate(a[5m])) > 5', 'sum(rate(a[10000ms])) > 5'],
    ['rate(a[30m] offset 15m) and b offset 6h', 'rate(a[60000ms] offset 30000ms) and b offset 720000ms'],
    ['sum_over_time(a:rate5m[3d:5m]) / 864', 'sum_over_time(a:rate5m[8640000ms:10000ms]) / 864'],
    ['a:rate1h > 14.4 and b:rate1h * 3600 >= 10', 'a:rate1h > 14.4 and b:rate1h * 120 >= 10'],
    ['time() - max by (x) (a_timestamp_seconds) < 900', 'time() - max by (x) (a_timestamp_seconds) < 30'],
  ])('have %s shorter', (expr, shorter) => {
    expect(quick(expr)).toBe(shorter)
  })

  it('have no duration left that is not shorter', () => {
    for (const file of ['alerts.yml', 'objective-rules.yml']) {
      const text = quickened(readFileSync(new URL(`../../../ops/prometheus/${file}`, import.meta.url), 'utf8'), 30)
      const { groups } = parse(text) as { groups: RuleGroup[] }
      const left = groups.flatMap(({ rules }) => rules.filter(({ expr }) => /[[: ]\d+[smhd]\b/.test(expr)))
      expect(left).toEqual([])
    }
  })
})
