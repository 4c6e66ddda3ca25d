/** Why a chaos run cannot go on. A closed list. */
export const chaosErrorCodes = ['BAD_FLAGS', 'TOPICS_FAILED', 'NOT_READY', 'PRODUCER_FAILED', 'INTERRUPTED'] as const
export type ChaosErrorCode = (typeof chaosErrorCodes)[number]

export class ChaosError extends Error {
  override readonly name = 'ChaosError'
  readonly code: ChaosErrorCode

  constructor(code: ChaosErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
