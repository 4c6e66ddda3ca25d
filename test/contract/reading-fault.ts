import type { Type } from 'avsc'

const MESSAGES = 20

/** Why a reader of one version cannot read what a writer of another wrote; null: what both know comes through, or as the enum's default. */
export function readingFault(writer: Type, reader: Type): string | null {
  try {
    const resolver = reader.createResolver(writer)
    for (let message = 0; message < MESSAGES; message++) {
      const written = writer.random() as unknown as Record<string, unknown>
      const seen = reader.fromBuffer(writer.toBuffer(written), resolver) as Record<string, unknown>
      const lost = Object.keys(seen).find(field =>
        field in written && !isSame(seen[field], written[field]) && !isUnknownSymbol(reader, field, written[field]))
      if (lost !== undefined) return `${lost} is read as ${String(seen[lost])}`
    }
    return null
  } catch (error) {
    return String(error)
  }
}

function isSame(seen: unknown, written: unknown): boolean {
  return seen instanceof Uint8Array && written instanceof Uint8Array ? Buffer.from(seen).equals(written) : seen === written
}

function isUnknownSymbol(reader: Type, name: string, value: unknown): boolean {
  const { fields } = reader as unknown as { fields: { name: string; type: { symbols?: readonly unknown[] } }[] }
  const symbols = fields.find(field => field.name === name)?.type.symbols
  return symbols !== undefined && !symbols.includes(value)
}
