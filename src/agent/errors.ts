/** What an agent tells its host through `onError`. A closed list. */
export const agentErrorCodes = [
  'INVALID_OPTIONS', 'EVENT_INVALID', 'EVENT_TOO_LARGE', 'QUEUE_FULL', 'KAFKA_UNREACHABLE', 'SEND_RETRIED', 'SEND_REFUSED', 'REPORT_FAILED',
  'SHUTDOWN_INCOMPLETE', 'CALLBACK_THREW', 'NOT_INSTRUMENTABLE',
  'CIRCUIT_OPENED',
] as const
export type AgentErrorCode = (typeof agentErrorCodes)[number]

/** A fault of the agent or of what it depends on. `cause` is the error behind it, where there is one. */
export class AgentError extends Error {
  readonly code: AgentErrorCode

  constructor(code: AgentErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'AgentError'
    this.code = code
  }
}
