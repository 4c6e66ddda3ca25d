export const policyErrorCodes = [
  /** The file is not there, or must not be read. */
  'policy_unreadable',
  /** The file was read and says what cannot be done. */
  'policy_invalid',
] as const
export type PolicyErrorCode = (typeof policyErrorCodes)[number]

/** One thing that is wrong with a policy file. */
export interface PolicyFault {
  /** From 1. */
  readonly line: number
  /** `rules[0].match`; empty: the whole file. */
  readonly path: string
  /** What is wrong and what to do. */
  readonly message: string
}

/** A policy that cannot be followed, with all that is wrong with it, in the order of the file. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code: PolicyErrorCode
  readonly faults: readonly PolicyFault[]

  constructor(code: PolicyErrorCode, faults: readonly PolicyFault[], options?: ErrorOptions) {
    super(faults.map(textOf).join('\n'), options)
    this.code = code
    this.faults = faults
  }
}

function textOf({ line, path, message }: PolicyFault): string {
  return `line ${line}: ${path === '' ? '' : `${path}: `}${message}`
}
