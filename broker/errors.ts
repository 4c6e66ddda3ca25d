import { CodedError } from '../src/coded-error.ts'

export const brokerErrorCodes = [
  /** `BROKER` names no known way, or `KAFKA_BROKERS` is no list of addresses. */
  'BAD_CHOICE',
  /** The way that `BROKER` forces is not to be had here. */
  'UNAVAILABLE',
  /** No way is to be had here. */
  'NO_BROKER',
  'START_FAILED',
  /** A fault was asked of an external broker. */
  'NOT_OURS',
  /** `start` of a broker that runs, or `pause` of one that does not. */
  'WRONG_STATE',
] as const
export type BrokerErrorCode = (typeof brokerErrorCodes)[number]

export class BrokerError extends CodedError<BrokerErrorCode> {
  override readonly name = 'BrokerError'
}
