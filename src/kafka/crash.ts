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
