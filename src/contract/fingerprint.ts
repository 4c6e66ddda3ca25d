import type { Type } from 'avsc'

const EMPTY = 0xc15d213aa4d7a795n

const table: readonly bigint[] = Array.from({ length: 256 }, (_, byte) => {
  let entry = BigInt(byte)
  for (let bit = 0; bit < 8; bit++) entry = (entry >> 1n) ^ (EMPTY & -(entry & 1n))
  return entry
})

/** CRC-64-AVRO of bytes, as 8 bytes little-endian (Avro 1.12 specification, "Schema Fingerprints"). */
export function crc64Avro(bytes: Uint8Array): Buffer {
  let crc = EMPTY
  for (const byte of bytes) crc = (crc >> 8n) ^ (table[Number((crc ^ BigInt(byte)) & 0xffn)] ?? 0n)
  const fingerprint = Buffer.alloc(8)
  fingerprint.writeBigUInt64LE(crc)
  return fingerprint
}

/** Fingerprint of a schema's Parsing Canonical Form, which is what avsc's `type.schema()` gives. 8 bytes, little-endian. */
export function fingerprintOf(type: Type): Buffer {
  return crc64Avro(Buffer.from(JSON.stringify(type.schema())))
}
