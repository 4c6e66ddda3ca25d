/** Looked at before others may work: far less than a millisecond. */
export const AT_ONCE = 1_024
/** Passed over in arrays of numbers before others may work: about as long. */
export const SCANNED_AT_ONCE = 16_384
/** Decoded, or written, before others may work: about as long. */
export const DECODED_AT_ONCE = 64
