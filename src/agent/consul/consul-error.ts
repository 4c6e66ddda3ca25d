import { CodedError } from '../../coded-error.ts'

/** Why Consul was not heard. A closed list. */
export const consulErrorCodes = [
  /** No connection, or it was cut. */
  'unreachable',
  /** No answer in the time that it was given. */
  'timeout',
  /** The token is missing, unknown or not enough. */
  'denied',
  /** Consul says that it cannot answer now: no leader, a limit, a fault of its own. */
  'failing',
  /** What answers is no Consul, or no longer in a form that is known. */
  'misplaced',
  'too_large',
] as const
export type ConsulErrorCode = (typeof consulErrorCodes)[number]

export class ConsulError extends CodedError<ConsulErrorCode> {
  override readonly name = 'ConsulError'
}
