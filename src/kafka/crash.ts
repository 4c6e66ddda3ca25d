/**
 * Errors after which kafkajs 2.2.4 leaves a consumer dead although waiting mends them: no coordinator is found when it does not answer, or
 * is still loading after the retries, and a lock is not had in time when requests hang.
 */
const passing = new Set(['KafkaJSGroupCoordinatorNotFound', 'KafkaJSLockTimeout', 'KafkaJSTimeout'])

/** Whether a crash that kafkajs takes for final goes away by waiting. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return passing.has(error.name) || isPassing(error.cause)
}

/** With the cause that kafkajs 2.2.4 swallows: it asks for the coordinator again and again, whatever Kafka refuses. */
export function explained(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes('Failed to find group coordinator')) return error
  return new Error(`${error.message}: it does not answer, or this user may not read the group (--kafka.group-id)`, { cause: error })
}
