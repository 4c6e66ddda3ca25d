import { sizeOfRecord, type DeadLetter } from '../contract/dead-letters.ts'

/** A letter and where it stands in the dead-letter topic. */
export interface StoredLetter extends DeadLetter {
  at: { partition: number; offset: number }
}

const BYTES_A_ROW = 16
/** More of a value is told by `--json` only. */
const MOST_SHOWN_BYTES = 4_096
const MOST_SHORT_BYTES = 300

/** A letter in one line. */
export function lineOf({ at, topic, partition, offset, timestamp, reason, detail, key, ...record }: StoredLetter): string {
  const size = `${sizeOfRecord({ key, ...record })} bytes${record.cutFrom > 0 ? ` of ${record.cutFrom}` : ''}`
  const what = record.batchOf > 0 ? `batch of ${record.batchOf}` : key === null ? 'no key' : `key ${shortText(key)}`
  return [
    `${at.partition}/${at.offset}`, new Date(timestamp).toISOString(), `${printable(topic)}/${partition}@${offset}`, printable(reason),
    size, what, printable(detail),
  ].join('  ')
}

/** All of a letter. `now`: what would become of its record today. */
export function linesOf(letter: StoredLetter, now: string): string[] {
  const { at, topic, partition, offset, timestamp, reason, detail, key, value, headers, batchOf, cutFrom } = letter
  return [
    `letter ${at.partition}/${at.offset}`,
    `  from     ${printable(topic)}, partition ${partition}, offset ${offset}, appended ${new Date(timestamp).toISOString()}`,
    `  reason   ${printable(reason)}: ${printable(detail)}`,
    `  now      ${printable(now)}`,
    ...(batchOf > 0 ? [`  batch    its value is a whole batch, of which ${batchOf} record${batchOf === 1 ? '' : 's'} could not be read`] : []),
    ...(cutFrom > 0 ? [`  cut      it had ${cutFrom} bytes`] : []),
    `  key      ${key === null ? 'none' : shortText(key)}`,
    ...headers.map(([name, content]) => `  header   ${printable(name)}: ${content === null ? 'none' : shortText(content)}`),
    `  value    ${value === null ? 'none' : `${value.length} bytes`}`,
    ...hexRows(value ?? Buffer.alloc(0)),
  ]
}

/** For machines: bytes in base64. */
export function jsonOf({ at, key, value, headers, ...letter }: StoredLetter, now?: string): string {
  const named = headers.map(([name, content]) => [name, content?.toString('base64') ?? null])
  const bytes = { key: key?.toString('base64') ?? null, value: value?.toString('base64') ?? null, headers: named }
  return JSON.stringify({ at, ...letter, time: new Date(letter.timestamp).toISOString(), ...(now === undefined ? {} : { now }), ...bytes })
}

/** How many there are of each reason, in a line. */
export function summaryOf(counts: ReadonlyMap<string, number>): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const parts = [...counts].toSorted(([, one], [, other]) => other - one).map(([reason, count]) => `${count} ${printable(reason)}`)
  return `${total} letter${total === 1 ? '' : 's'}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`
}

/** Without what a terminal could take for an order: whoever sent the record chose the bytes. */
export function printable(given: string): string {
  return given.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, character => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

function shortText(bytes: Buffer): string {
  return printable(bytes.subarray(0, MOST_SHORT_BYTES).toString())
}

function hexRows(bytes: Buffer): string[] {
  const rows: string[] = []
  for (let at = 0; at < Math.min(bytes.length, MOST_SHOWN_BYTES); at += BYTES_A_ROW) {
    const row = bytes.subarray(at, at + BYTES_A_ROW)
    const hex = row.toString('hex').replaceAll(/../g, '$& ').padEnd(3 * BYTES_A_ROW)
    rows.push(`    ${at.toString(16).padStart(6, '0')}  ${hex} ${row.toString('latin1').replaceAll(/[^ -~]/g, '.')}`)
  }
  return bytes.length > MOST_SHOWN_BYTES ? [...rows, `    and ${bytes.length - MOST_SHOWN_BYTES} bytes more: see --json`] : rows
}
