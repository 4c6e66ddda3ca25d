import { nonEmpty } from '../config.ts'

/** The text of an option that names a registry. */
export function sourceName(value: string): string {
  if (Buffer.byteLength(value) > 256) throw new Error('must have 256 bytes at most')
  return nonEmpty(value)
}
