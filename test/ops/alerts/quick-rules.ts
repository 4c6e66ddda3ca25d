import { parse, stringify } from 'yaml'
import type { RuleGroup } from './promtool-tests.ts'

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/**
 * Shipped rules in which time goes faster by a whole number: every range, offset, `for` and step is that much shorter, and so is every
 * number of seconds that a rate is multiplied with or an age is held against. Counts and ratios are as they were.
 */
export function quickened(rules: string, factor: number): string {
  const millis = (number: string, unit: string): number => (Number(number) * (seconds[unit] ?? 0) * 1_000) / factor
  const short = (duration: string): string =>
    duration.replace(/^(\d+)([smhd])$/, (_, number: string, unit: string) => `${millis(number, unit)}ms`)
  const { groups } = parse(rules) as { groups: RuleGroup[] }
  return stringify({
    groups: groups.map(group => ({
      ...group, interval: '1s',
      rules: group.rules.map(rule => ({
        ...rule, ...(rule.for === undefined ? {} : { for: short(rule.for) }),
        expr: rule.expr
          .replaceAll(/(?<=\[|\w:|offset )\d+[smhd](?=[\]:\s)]|$)/g, short)
          .replaceAll(/(?<= \* )\d{4,}(?= >= )|(?<=_timestamp_seconds\) < )\d+/g, number => String(Number(number) / factor)),
      })),
    })),
  })
}
