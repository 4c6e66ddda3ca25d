import { CodedError } from '../coded-error.ts'

/** Why a command cannot answer. A closed list; Kafka's own troubles have codes of their own. */
export const commandErrorCodes = [
  /** A topic that the command is about does not exist. */
  'no_topic',
  /** Records were deleted by the topic's retention while they were read. */
  'input_deleted',
  /** No family of that name is counted. */
  'unknown_family',
  /** Kafka did not say whether it has what was replayed. */
  'replay_stopped',
] as const
export type CommandErrorCode = (typeof commandErrorCodes)[number]

export class CommandError extends CodedError<CommandErrorCode> {
  override readonly name = 'CommandError'
}
