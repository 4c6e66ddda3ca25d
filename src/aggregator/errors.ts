import { CodedError } from '../coded-error.ts'

/** Why a partition's counts cannot go on. A closed list. */
export const resumeErrorCodes = [
  /** The input ends before what has been counted: the topic was deleted and made again. */
  'input_truncated',
  /** The input holds another record where the last one counted was: the topic was deleted, made again, and has grown. */
  'input_replaced',
] as const
export type ResumeErrorCode = (typeof resumeErrorCodes)[number]

export class ResumeError extends CodedError<ResumeErrorCode> {
  override readonly name = 'ResumeError'
}

/** What to do about an input topic that is no longer the one that was counted. */
export const OTHER_INPUT_HINT = 'the topic was made anew, and its counts cannot go on: start with a new checkpoint topic and group ' +
  '(--kafka.checkpoint-topic, --kafka.group-id), or delete the checkpoint topic while no replica runs and run `discovery-metrics topics`'
