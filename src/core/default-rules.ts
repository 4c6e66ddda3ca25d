import type { RuleField, ValueRule } from './value-rules.ts'

/**
 * What Kubernetes makes random names of: no vowels, and nothing that looks like them (k8s.io/apimachinery, pkg/util/rand, `alphanums`). A
 * pod's last five characters are any of these.
 */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * What a ReplicaSet's hash is made of: the decimal digits of 32 bits, each taken for its place in that alphabet (`ComputeHash` in
 * pkg/controller/controller_utils.go with `SafeEncodeString`, above): `alphanums[charCode % 27]` for 0 to 9 gives these ten only. So
 * `http2grpc`, although safe throughout, is no hash.
 */
const HASHED = '456789bcdf'

const fields: readonly RuleField[] = ['service', 'client']

/** Takes off what follows the name. */
function without(tail: string): ValueRule {
  return { fields, match: `(.+)${tail}`, action: 'replace', replacement: '$1' }
}

/** The rules where the operator gives none: one name for all pods of a Deployment, and for a name however much of its domain is said. */
export const defaultRules: readonly ValueRule[] = [
  without('\\.'),
  without('\\.cluster\\.local'),
  without('\\.svc'),
  without(`-[${HASHED}]{8,10}-[${SAFE}]{5}`),
  // Without a digit it may be a word.
  without(`-(?=[a-z]*[4-9])[${HASHED}]{8,10}`),
]
