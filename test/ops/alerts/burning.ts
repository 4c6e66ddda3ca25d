import { CART, cart, growing, type AlertCase } from './case.ts'

type Run = readonly [all: number, bad: number, samples: number]
const DURATION = 'discovery_lookup_duration_seconds'

const kinds = {
  Success: (runs: readonly Run[]) => ({
    [`discovery_lookups_total{${CART},outcome="success"}`]: growing(...runs.map(([all, bad, times]) => [all - bad, times] as const)),
    [`discovery_lookups_total{${CART},outcome="failure"}`]: growing(...runs.map(([, bad, times]) => [bad, times] as const)),
  }),
  // An objective is found by the look-ups of a service.
  Latency: (runs: readonly Run[]) => ({
    [`discovery_lookups_total{${CART},outcome="success"}`]: growing(...runs.map(([all, , times]) => [all, times] as const)),
    [`${DURATION}_count{${CART},cache="other"}`]: growing(...runs.map(([all, , times]) => [all, times] as const)),
    [`${DURATION}_bucket{${CART},cache="other",le="0.1"}`]: growing(...runs.map(([all, bad, times]) => [all - bad, times] as const)),
    [`${DURATION}_bucket{${CART},cache="other",le="0.25"}`]: growing(...runs.map(([all, , times]) => [all, times] as const)),
  }),
}

/** So often three bad look-ups, `apart` minutes from each other, and then none. */
function threeBad(times: number, apart: number, after: number): Run[] {
  return [...Array.from({ length: times }, (): Run[] => [[3, 3, 1], [0, 0, apart - 1]]).flat(), [0, 0, after]]
}

/** Ten bad ones at least, of each pair of windows: nine are too few, twelve are enough, and no other pair of windows calls for them. */
function atLeastTen(kind: keyof typeof kinds): AlertCase[] {
  const series = kinds[kind]
  const pair = (alert: string, window: string, { step, before, apart, fires, over, others = [] }: {
    step: number; before: readonly Run[]; apart: number; fires: number; over: number; others?: readonly string[]
  }): AlertCase => {
    const start = before.reduce((sum, [, , samples]) => sum + samples, 0)
    const runs = (times: number): readonly Run[] => [...before, ...threeBad(times, apart, 400)]
    return {
      alert, says: `has ten bad look-ups in ${window}`, labels: cart, every: 60, step, others, series: series(runs(4)),
      fires: (start + fires) * 60, over: (start + over) * 60, short: [series(runs(3))],
    }
  }
  const [fast, slow] = [`Discovery${kind}Burning`, `Discovery${kind}BurningSlowly`]
  // Many look-ups before the shorter of the long windows keep the longer one calm; few let three times ten hours pass.
  return [
    pair(fast, 'an hour', { step: 60, before: [[1_000, 0, 360], [0, 0, 70]], apart: 1, fires: 4, over: 9 }),
    pair(fast, 'six hours', { step: 60, before: [[1, 0, 30], [0, 0, 360]], apart: 20, fires: 61, over: 91, others: [slow] }),
    pair(slow, 'a day', { step: 300, before: [[1_000, 0, 360], [0, 0, 1_500]], apart: 60, fires: 185, over: 305, others: [fast] }),
    pair(slow, 'three days', { step: 300, before: [[1, 0, 360]], apart: 600, fires: 1_805, over: 2_165 }),
  ]
}

/** `allowed`: bad ones a thousand. `calm`: minutes until eleven bad ones of sixty no longer burn. */
function burning(kind: keyof typeof kinds, { allowed, calm }: { allowed: number; calm: number }): AlertCase[] {
  const series = kinds[kind]
  // What burns fast burns fast enough for the slower alert, too.
  const others = [`Discovery${kind}BurningSlowly`]
  const six = 360
  const common = { labels: cart, every: 60 }
  const cases: AlertCase[] = [
    {
      // After k minutes 1h has burnt 120 k / 60; 5m is over 14.4 all the while. 6h stays below 6.
      ...common, alert: `Discovery${kind}Burning`, says: 'burns a month’s budget in two days', step: 60, others,
      series: series([[1_000, 0, six], [1_000, 100 * allowed, 9], [1_000, 0, 60]]), fires: (six + 9) * 60, over: (six + 9 + 5) * 60,
      short: [series([[1_000, 0, six], [1_000, 100 * allowed, 8], [1_000, 0, 60]])],
    },
    {
      // 1h is over 14.4 to the end. 5m is at 16 for long, and after two minutes of 11 at 14.
      ...common, alert: `Discovery${kind}Burning`, says: 'burns no more as fast in the last five minutes', step: 60, others,
      series: series([[1_000, 0, six], [1_000, 100 * allowed, 9], [1_000, 16 * allowed, 20], [1_000, 11 * allowed, 30]]),
      fires: (six + 9) * 60, over: (six + 9 + 20 + 2) * 60,
      short: [series([[1_000, 0, six], [1_000, 14 * allowed, 80]])],
    },
    {
      // Burnt at 11: never 14.4. After k minutes 6h has burnt 11 k / 360.
      ...common, alert: `Discovery${kind}Burning`, says: 'burns a month’s budget in five days', step: 60, others,
      series: series([[1_000, 0, six], [1_000, 11 * allowed, 197], [1_000, 0, 60]]), fires: (six + 197) * 60, over: (six + 197 + 14) * 60,
      short: [series([[1_000, 0, six], [1_000, 11 * allowed, 195], [1_000, 0, 60]])],
    },
    {
      ...common, alert: `Discovery${kind}Burning`, says: 'has at least ten bad look-ups', step: 60, others,
      series: series([[1, 0, six], [1, 1, 11], [1, 0, 60]]), fires: (six + 10) * 60, over: (six + 11 + calm) * 60,
      short: [series([[1, 0, six], [1, 1, 9], [1, 0, 60]])],
    },
    {
      // Twenty times as many look-ups in the six hours before: of three days too little is burnt for the other pair of windows.
      // After k minutes 1d has 5 k bad ones of 20,000 (1,440 - k) + 1,000 k.
      ...common, alert: `Discovery${kind}BurningSlowly`, says: 'burns a tenth of a month’s budget in a day', step: 300,
      series: series([[20_000, 0, six], [1_000, 5 * allowed, 1_500], [1_000, 0, 240]]),
      fires: (six + 1_400) * 60, over: (six + 1_500 + 50) * 60,
      short: [series([[20_000, 0, six], [1_000, 5 * allowed, 1_290], [1_000, 0, 240]])],
    },
    {
      // Burnt at 2.1 for k minutes of 720 + k. Never at 3.
      ...common, alert: `Discovery${kind}BurningSlowly`, says: 'burns a tenth of a month’s budget in three days', step: 300,
      series: series([[1_000, 0, 2 * six], [1_000, 2.1 * allowed, 1_200], [1_000, 0, 300]]),
      fires: (2 * six + 655) * 60, over: (2 * six + 1_200 + 190) * 60,
      short: [series([[1_000, 0, 2 * six], [1_000, 2.1 * allowed, 640], [1_000, 0, 300]])],
    },
    ...atLeastTen(kind),
  ]
  return cases.map(each => ({ ...each, alert: fullName(each.alert), others: each.others?.map(fullName) ?? [] }))
}

function fullName(alert: string): string {
  return alert.replace('Discovery', 'DiscoveryLookup')
}

// 0.999 of look-ups are to succeed, 0.99 to be answered in time: no more than all can be bad.
export const burningCases: readonly AlertCase[] = [
  ...burning('Success', { allowed: 1, calm: 30 }), ...burning('Latency', { allowed: 10, calm: 5 }),
]
