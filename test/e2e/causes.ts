import { nameOf } from '../../demo/ledger.ts'
import { webShop } from '../../demo/shop.ts'

/** What has happened to one service; `*`: to all. */
type Happening = 'crash' | 'deployment' | 'maintenance' | 'brownout'

const told: readonly (readonly [RegExp, Happening])[] = [
  [/^(\S+)-\d+ crashes/, 'crash'], [/^(\S+) deploys version/, 'deployment'], [/^(\S+) is in maintenance/, 'maintenance'], [/^DNS browns out()/, 'brownout'],
]

/** Alerts that the demo's small faults by chance, which never rest, can be the cause of: of a hundred questions one fails, of a hundred registrations four. */
const always = new Set([
  'DiscoveryLookupSuccessBurning', 'DiscoveryLookupSuccessBurningSlowly', 'DiscoveryLookupLatencyBurning', 'DiscoveryLookupLatencyBurningSlowly',
  'DiscoveryRegistrationsFailing',
])
const away: readonly Happening[] = ['crash', 'deployment', 'maintenance']
const causes: Readonly<Record<string, readonly Happening[]>> = {
  DiscoveryNoHealthyInstance: away, DiscoveryInstancesFlapping: away, DiscoveryDeploymentFollowedByErrors: ['deployment'],
  DiscoveryStaleAnswers: [...away, 'brownout'], DiscoveryCacheHitsCollapsed: [...away, 'brownout'],
}

/** What the demo has told of its incidents: which alerts about its services they can be the cause of. */
export class Causes {
  readonly #seen: { name: string; happening: Happening }[] = []

  tell(text: string): void {
    for (const [pattern, happening] of told) {
      const name = pattern.exec(text)?.[1]
      if (name !== undefined) this.#seen.push({ name: fullName(name), happening })
    }
  }

  /** `name`: `namespace/service`. */
  explain(alert: string, name: string): boolean {
    return always.has(alert) || this.#seen.some(seen => (causes[alert] ?? []).includes(seen.happening) && (seen.name === name || seen.happening === 'brownout'))
  }

  get size(): number {
    return this.#seen.length
  }
}

/** Instances are told without their namespace. */
function fullName(name: string): string {
  return webShop.map(service => nameOf(service)).find(full => full === name || full.endsWith(`/${name}`)) ?? name
}
