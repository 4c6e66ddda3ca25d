import { describe, expect, it } from 'vitest'
import { AskingBudget } from '../../src/kafka/asking-budget.ts'

const T0 = Date.UTC(2026, 0, 1)

/** How many things of a cost may be asked at a time. */
function asked(budget: AskingBudget, { cost, now, most = 5_000 }: { cost: number; now: number; most?: number }): number {
  let count = 0
  for (; count < most && !budget.isSpent(now); count++) budget.spend(cost, now)
  return count
}

describe('a budget for asking', () => {
  it('allows a thousand schemas at once, then ten a second', () => {
    const budget = new AskingBudget()
    expect([T0, T0, T0 + 99, T0 + 100, T0 + 1_100].map(now => asked(budget, { cost: 1, now }))).toEqual([1_000, 0, 1, 0, 10])
  })

  it('allows a hundred answers that bring none, then one a second', () => {
    const budget = new AskingBudget()
    expect([T0, T0 + 999, T0 + 2_000, T0 + 60_000].map(now => asked(budget, { cost: 10, now }))).toEqual([100, 1, 1, 58])
  })

  it('saves up no more than that, and loses nothing to a clock that is set back', () => {
    const budget = new AskingBudget()
    asked(budget, { cost: 1, now: T0 })
    expect([T0 - 3_600_000, T0 - 3_599_000, T0 + 86_400_000].map(now => asked(budget, { cost: 1, now }))).toEqual([0, 10, 1_000])
  })
})
