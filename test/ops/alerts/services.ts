import { CART, cart, gone, growing, standing, type AlertCase } from './case.ts'

const PASSING = `discovery_instances{${CART},status="passing"}`
const WARNING = `discovery_instances{${CART},status="warning"}`
const SUCCESS = `discovery_lookups_total{${CART},outcome="success"}`
const EMPTY = `discovery_lookups_total{${CART},outcome="empty"}`
const FAILURE = `discovery_lookups_total{${CART},outcome="failure"}`
const REGISTER = `discovery_registrations_total{${CART},operation="register",outcome="success"}`
const REFUSED = `discovery_registrations_total{${CART},operation="register",outcome="failure"}`
const STATUS = `discovery_registrations_total{${CART},operation="status_change",outcome="success"}`
const HIT = `discovery_lookup_cache_requests_total{${CART},result="hit"}`
const MISS = `discovery_lookup_cache_requests_total{${CART},result="miss"}`
const STALE = `discovery_lookup_cache_requests_total{${CART},result="stale"}`
const ERRORS = `discovery_lookup_errors_total{${CART},category="timeout",code="ETIMEDOUT"}`
const DEPLOYED = `discovery_last_deployment_timestamp_seconds{${CART}}`
const OTHER = 'discovery_instances{job="d",shard="lookups-1",namespace="shop",service="user",status="passing"}'
const CYCLES = 'discovery_findings{job="d",shard="lookups-0",kind="cycle"}'

/** A service that is looked up in vain so often breaks its objective, too. */
const BURNING = ['DiscoveryLookupSuccessBurning', 'DiscoveryLookupSuccessBurningSlowly']

export const serviceCases: readonly AlertCase[] = [
  {
    alert: 'DiscoveryNoHealthyInstance', says: 'whatever is left is critical, and callers ask', labels: cart,
    series: { [PASSING]: standing([2, 20], [0, 20], [1, 20]), [WARNING]: standing([0, 60]), [SUCCESS]: growing([5, 60]) },
    fires: 660, over: 1_200,
    short: [
      { [WARNING]: standing([0, 10], [1, 50]) }, { [PASSING]: standing([2, 20], [0, 2], [1, 20]) },
      { [SUCCESS]: standing([5, 60]) }, { [PASSING]: `${standing([2, 20])} ${gone(40)}`, [WARNING]: `${standing([0, 20])} ${gone(40)}` },
    ],
  },
  {
    alert: 'DiscoveryInstancesFlapping', says: 'three instances change more than four times each in a quarter of an hour', labels: cart,
    series: { [PASSING]: standing([3, 120]), [STATUS]: growing([0, 40], [1, 20], [0, 60]), [REGISTER]: growing([1, 2], [0, 118]) },
    fires: 1_890, over: 2_340,
    short: [{ [STATUS]: growing([0, 40], [1, 12], [0, 68]) }, { [PASSING]: standing([6, 120]) }],
  },
  {
    alert: 'DiscoveryInstancesFlapping', says: 'one instance changes ten times in a quarter of an hour', labels: cart,
    series: { [PASSING]: standing([1, 120]), [STATUS]: growing([0, 40], [1, 10], [0, 70]), [REGISTER]: growing([0, 120]) },
    fires: 1_800, over: 2_130,
    short: [{ [STATUS]: growing([0, 40], [1, 9], [0, 71]) }],
  },
  {
    alert: 'DiscoveryRegistrationsFailing', says: 'more than a fifth of at least five', labels: cart, others: ['DiscoveryInstancesFlapping'],
    series: { [REGISTER]: growing([0, 40], [7, 20], [10, 60]), [REFUSED]: growing([0, 40], [3, 20], [0, 60]) },
    fires: 1_380, over: 2_010,
    short: [{ [REGISTER]: growing([0, 40], [12, 20], [10, 60]) }],
  },
  {
    alert: 'DiscoveryRegistrationsFailing', says: 'five failures, and nothing else', labels: cart,
    series: { [REGISTER]: growing([0, 120]), [REFUSED]: growing([0, 40], [1, 5], [0, 75]) },
    fires: 1_470, over: 1_830,
    short: [{ [REFUSED]: growing([0, 40], [1, 4], [0, 76]) }],
  },
  {
    alert: 'DiscoveryInstancesFalling', says: 'half of a namespace, five at least', labels: { job: 'd', namespace: 'shop' },
    series: { [PASSING]: standing([6, 40], [1, 40]), [OTHER]: standing([4, 80]) },
    fires: 1_260, over: 1_800,
    short: [
      { [PASSING]: standing([6, 40], [2, 40]), [OTHER]: standing([2, 80]) }, { [OTHER]: standing([5, 80]) },
      { [PASSING]: `${standing([6, 40])} ${gone(40)}` },
    ],
  },
  {
    alert: 'DiscoveryCacheHitsCollapsed', says: 'less than half of what it was', labels: cart,
    series: { [HIT]: growing([6, 160], [2, 60], [6, 60]), [MISS]: growing([4, 160], [8, 60], [4, 60]) },
    fires: 5_340, over: 6_630,
    short: [
      { [HIT]: growing([6, 160], [3, 60], [6, 60]), [MISS]: growing([4, 160], [7, 60], [4, 60]) },
      { [HIT]: growing([2, 160], [0, 60], [2, 60]), [MISS]: growing([8, 160], [10, 60], [8, 60]) },
    ],
  },
  {
    alert: 'DiscoveryCacheHitsCollapsed', says: 'fifty look-ups at least', labels: cart, every: 30,
    series: { [HIT]: growing([3, 160], [0, 60], [3, 60]), [MISS]: growing([2, 160], [5, 60], [2, 60]) },
    fires: 5_280, over: 6_720,
    short: [{ [HIT]: growing([3, 160], [0, 60], [3, 60]), [MISS]: growing([1, 160], [4, 60], [1, 60]) }],
  },
  {
    // 21 of a hundred before, none since: less than half of it after six steps; ten minutes and six steps on 0.2 are left of the hour before.
    alert: 'DiscoveryCacheHitsCollapsed', says: 'more than a fifth before', labels: cart,
    series: { [HIT]: growing([21, 160], [0, 60]), [MISS]: growing([79, 160], [100, 60]) }, fires: 5_280, over: 5_580,
    short: [{ [HIT]: growing([19, 160], [0, 60]), [MISS]: growing([81, 160], [100, 60]) }],
  },
  {
    alert: 'DiscoveryStaleAnswers', says: 'more than a tenth', labels: cart,
    series: { [HIT]: growing([8, 120]), [STALE]: growing([0, 40], [2, 20], [0, 60]) },
    fires: 1_650, over: 1_980,
    short: [{ [HIT]: growing([18, 120]) }, { [STALE]: growing([0, 40], [2, 9], [0, 71]) }],
  },
  {
    alert: 'DiscoveryStaleAnswers', says: 'ten at least', labels: cart,
    series: { [HIT]: growing([2, 120]), [STALE]: growing([0, 40], [1, 30], [0, 50]) },
    fires: 1_800, over: 2_130,
    short: [{ [STALE]: '0x40 1 1 2 3 4 5 6 7 8 9 9 10 11 12 13 14 15 16 17 18 18 19 20 21 22 23 24 25 26 27 27x40' }],
  },
  {
    alert: 'DiscoveryUnregisteredLookedUp', says: 'ten times in a quarter of an hour', labels: cart,
    series: { [FAILURE]: growing([0, 20], [1, 5], [0, 80]), [EMPTY]: growing([0, 20], [1, 5], [0, 80]), [PASSING]: gone(20) },
    fires: 1_050, over: 1_530,
    short: [
      { [EMPTY]: growing([0, 20], [1, 4], [0, 80]) }, { [PASSING]: standing([0, 105]) },
      { [FAILURE]: standing([0, 100]), [EMPTY]: standing([0, 100]), [SUCCESS]: growing([1, 100]) },
    ],
  },
  {
    alert: 'DiscoveryNewDependencyCycle', says: 'more cycles than there have been', labels: { job: 'd' },
    series: { [CYCLES]: standing([1, 100], [2, 100]) },
    fires: 3_000, over: 4_800,
    short: [{ [CYCLES]: standing([2, 50], [1, 50], [2, 100]) }, { [CYCLES]: standing([1, 200]) }],
  },
  {
    // Twenty in ten minutes before; after k minutes of the surge 20 + 11 k, which is more than 100 from k = 8 on.
    alert: 'DiscoveryErrorsSurging', says: 'more than five times as many as before', labels: { ...cart, category: 'timeout' }, step: 60,
    every: 60, series: { [ERRORS]: growing([2, 380], [13, 20], [2, 60]), [SUCCESS]: growing([9, 460]) },
    fires: 23_280, over: 24_120,
    short: [{ [ERRORS]: growing([2, 380], [13, 7], [2, 73]) }, { [SUCCESS]: `${gone(100)} ${growing([9, 360])}` }],
  },
  {
    alert: 'DiscoveryErrorsSurging', says: 'twenty at least', labels: { ...cart, category: 'timeout' }, step: 60, every: 60,
    series: { [ERRORS]: growing([0, 380], [2, 10], [0, 30]), [SUCCESS]: growing([9, 420]) },
    fires: 23_400, over: 23_460,
    short: [{ [ERRORS]: growing([0, 380], [2, 9], [1, 1], [0, 30]) }],
  },
  {
    alert: 'DiscoveryDeploymentFollowedByErrors', says: 'more than one in twenty, and thrice what it was', labels: cart, others: BURNING,
    series: {
      [SUCCESS]: growing([98, 120], [90, 60]), [FAILURE]: growing([1, 120], [5, 60]), [EMPTY]: growing([1, 120], [5, 60]),
      [DEPLOYED]: standing([-900, 121], [3_600, 59]),
    },
    fires: 3_780, over: 4_500,
    short: [
      { [SUCCESS]: growing([98, 120], [96, 60]), [EMPTY]: growing([1, 120], [0, 60]) },
      { [SUCCESS]: growing([92, 120], [90, 60]), [FAILURE]: growing([4, 120], [5, 60]), [EMPTY]: growing([4, 120], [5, 60]) },
      { [DEPLOYED]: standing([-900, 180]) },
    ],
  },
  {
    // 1 % before, so thrice of it is far below. After k of ten steps 100 + 51 k of 10,000.
    alert: 'DiscoveryDeploymentFollowedByErrors', says: 'little more than one in twenty', labels: cart, others: BURNING,
    series: {
      [SUCCESS]: growing([990, 120], [939, 60]), [FAILURE]: growing([10, 120], [61, 60]), [DEPLOYED]: standing([-900, 121], [3_600, 59]),
    },
    fires: 3_840, over: 4_500,
    short: [{ [SUCCESS]: growing([990, 120], [951, 60]), [FAILURE]: growing([10, 120], [49, 60]) }],
  },
  {
    alert: 'DiscoveryDeploymentFollowedByErrors', says: 'none before, and nothing that could have counted them', labels: cart, others: BURNING,
    series: {
      [SUCCESS]: growing([90, 180]), [FAILURE]: `${gone(120)} ${growing([10, 60])}`, [DEPLOYED]: standing([-900, 121], [3_600, 59]),
    },
    fires: 3_750, over: 4_500, short: [{ [FAILURE]: `${gone(120)} ${growing([4, 60])}` }],
  },
  {
    alert: 'DiscoveryDeploymentFollowedByErrors', says: 'ten at least', labels: cart, others: BURNING,
    series: {
      [SUCCESS]: growing([1, 180]), [FAILURE]: growing([0, 120], [1, 10], [0, 50]), [EMPTY]: growing([0, 180]),
      [DEPLOYED]: standing([-900, 121], [3_600, 59]),
    },
    fires: 3_900, over: 3_930,
    short: [{ [FAILURE]: growing([0, 120], [1, 9], [0, 51]) }],
  },
]
