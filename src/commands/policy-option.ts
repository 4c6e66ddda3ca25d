import { ConfigError, text, type OptionSpecs } from '../config.ts'
import { Naming } from '../core/naming.ts'
import { retentionOf, type BudgetPolicy } from '../core/policy.ts'
import type { Retention } from '../core/retention.ts'
import { PolicyError } from '../policy/errors.ts'
import { fingerprintOf } from '../policy/fingerprint.ts'
import { loadPolicy } from '../policy/read-policy.ts'

export const policyOptions = {
  'policy.file': {
    help: 'What becomes of names, what is counted apart, and how much, and how long it stays: a YAML file, see docs/policy.md', placeholder: '<file>',
    fallback: '', parse: text,
  },
} satisfies OptionSpecs

/** What the fold asks of a policy. */
export interface FoldPolicy {
  naming: Naming
  retention: Retention
  budgets: BudgetPolicy
  /** Different for policies by which the same events come to other cells. */
  fingerprint: string
}

/** The policy in a file; an empty name: the defaults. Throws a ConfigError that lists every fault. */
export function policyIn(file: string): FoldPolicy {
  try {
    const policy = loadPolicy(file)
    return { naming: new Naming(policy), retention: retentionOf(policy), budgets: policy.budgets, fingerprint: fingerprintOf(policy) }
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    throw new ConfigError(error.message.split('\n').map(fault => `--policy.file (POLICY_FILE): ${file}: ${fault}`))
  }
}
