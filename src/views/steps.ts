/** Looked at before others may work: far less than a millisecond. */
export const AT_ONCE = 1_024
/** Passed over in arrays of numbers before others may work: about as long. */
export const SCANNED_AT_ONCE = 16_384
/** Decoded, copied or written before others may work: about as long. */
export const DECODED_AT_ONCE = 64

/**
 * Work in steps: it yields now and then, so that whoever runs it may let others work, and returns its result. What it reads may have
 * changed by then.
 */
export type Steps<T> = Generator<void, T, undefined>

/** Runs work in steps, and lets nobody in between. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
