import { CodedError } from '../../src/coded-error.ts'

/** Why a chaos run cannot go on. A closed list. */
export const chaosErrorCodes = ['BAD_FLAGS', 'TOPICS_FAILED', 'NOT_READY', 'PRODUCER_FAILED', 'INTERRUPTED'] as const
export type ChaosErrorCode = (typeof chaosErrorCodes)[number]

export class ChaosError extends CodedError<ChaosErrorCode> {
  override readonly name = 'ChaosError'
}
