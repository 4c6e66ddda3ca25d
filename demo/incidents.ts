import { nameOf } from './ledger.ts'
import type { Cluster, Service } from './service.ts'

const ROUND_MILLIS = 20_000

/** One thing that happens to the shop: returns what to tell people, or undefined if it could not happen. */
type Incident = (services: readonly Service[], cluster: Cluster, now: number) => string | undefined

/** A round of incidents, by milliseconds from its beginning. Each kind falls into the first 15 s, so a short demo sees them all. */
const round: readonly (readonly [number, Incident])[] = [
  [2_500, crash(9_000)],
  [4_000, deploy],
  [6_500, maintenance(2_500)],
  [10_000, brownout(1_500)],
  [13_000, crash(2_500)],
  [15_000, deploy],
]

/** Plans round after round, without end, from `now` on. `tell`: told of each incident as it happens. */
export function planIncidents(services: readonly Service[], cluster: Cluster, { now, tell }: { now: number; tell: (text: string) => void }): void {
  const { timeline } = cluster
  for (const [after, incident] of round) {
    timeline.at(now + after, then => {
      const text = incident(services, cluster, then)
      if (text !== undefined) tell(text)
    })
  }
  timeline.at(now + ROUND_MILLIS, then => planIncidents(services, cluster, { now: then, tell }))
}

/** A crash of more than a lease's length: the registry takes the instance away, and it must register anew. */
function crash(backAfter: number): Incident {
  return (services, { random }, now) => {
    const victim = random.pick(services)?.crash(now, backAfter)
    return victim === undefined ? undefined : `${victim} crashes, and is back in ${backAfter / 1_000} s`
  }
}

function deploy(services: readonly Service[], { random }: Cluster, now: number): string | undefined {
  const service = random.pick(services)
  return service === undefined ? undefined : `${nameOf(service.target)} deploys version ${service.deploy(now)}`
}

/** Of a service that others look up: they get empty answers. */
function maintenance(millis: number): Incident {
  return (services, { random }, now) => {
    const service = random.pick(services.filter(({ target }) => target.service !== 'storefront'))
    service?.maintain(now, millis)
    return service === undefined ? undefined : `${nameOf(service.target)} is in maintenance for ${millis / 1_000} s`
  }
}

/** DNS answers late, wrongly or not at all: caches give old answers. */
function brownout(millis: number): Incident {
  return (_services, { faults, timeline }, now) => {
    faults.beginBrownout()
    timeline.at(now + millis, () => faults.endBrownout())
    return `DNS browns out for ${millis / 1_000} s`
  }
}
