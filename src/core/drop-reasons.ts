/** Why an agent dropped what it had recorded: the `reason` label, and the field of its report. A closed list, only ever appended to. */
export const dropReasons = [
  { reason: 'queue_full', field: 'droppedQueueFull' },
  { reason: 'too_large', field: 'droppedTooLarge' },
  { reason: 'encode', field: 'droppedEncode' },
  { reason: 'send', field: 'droppedSend' },
  { reason: 'shutdown', field: 'droppedShutdown' },
  { reason: 'sampled_out', field: 'sampledOut' },
] as const
export type DropReason = (typeof dropReasons)[number]['reason']
