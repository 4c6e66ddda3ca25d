import type { Head } from '../../src/checkpoint/codec.ts'
import { HeadReader } from '../../src/checkpoint/head-reader.ts'

/** The head of a value, kept: the reader has but one at a time. */
export function headOf(value: Buffer): Head {
  const { epoch, asOf, expiresAt } = new HeadReader().read(value, 0, value.length)
  return { epoch, asOf, expiresAt }
}
