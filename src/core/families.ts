import type { CellKind } from './cells.ts'
import { accountFamilies, arrivalFamilies } from './families/agents.ts'
import { cardinalityFamilies } from './families/cardinality.ts'
import { edgeFamilies, lookupErrorFamilies, lookupFamilies } from './families/lookups.ts'
import { registrationErrorFamilies, registrationFamilies, versionFamilies } from './families/registrations.ts'
import type { Family } from './family.ts'

export type AnyFamily = { [K in CellKind]: Family<K> }[CellKind]

const counted: readonly AnyFamily[] = [
  ...registrationFamilies, ...registrationErrorFamilies, ...versionFamilies, ...lookupFamilies, ...lookupErrorFamilies, ...edgeFamilies,
  ...arrivalFamilies, ...accountFamilies,
]

/** Every family that the fold feeds, in the order of the exposition. */
export const families: readonly AnyFamily[] = [...counted, ...cardinalityFamilies(counted as readonly Family[])]
