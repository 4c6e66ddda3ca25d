import { CodedError } from '../src/coded-error.ts'

/** Why the demo cannot go on. A closed list. */
export const demoErrorCodes = [
  'BAD_FLAGS', 'BAD_ENVIRONMENT', 'PORT_TAKEN', 'COMMAND_FAILED', 'REPLICA_DIED', 'REPLICA_NOT_READY', 'SCRAPE_FAILED', 'INTERRUPTED',
] as const
export type DemoErrorCode = (typeof demoErrorCodes)[number]

export class DemoError extends CodedError<DemoErrorCode> {
  override readonly name = 'DemoError'
}
