import { readFileSync, writeFileSync } from 'node:fs'
import type { EventKind } from '../../src/contract/events.ts'

/** What is longer is left out: some thousand bytes, all alike, teach nothing that a few hundred do not. */
const MOST_BYTES = 250

/** An input that was met while fuzzing, and what became of it then. */
export interface CorpusEntry {
  outcome: string
  bytes: Buffer
}

/** A line each: the outcome, and the bytes in base64. */
export function readCorpus(kind: EventKind): CorpusEntry[] {
  return readFileSync(fileOf(kind), 'utf8').split('\n').filter(line => line !== '').map(line => {
    const [outcome = '', bytes = ''] = line.split(' ')
    return { outcome, bytes: Buffer.from(bytes, 'base64') }
  })
}

export function writeCorpus(kind: EventKind, entries: Iterable<CorpusEntry>): void {
  const short = [...entries].filter(({ bytes }) => bytes.length <= MOST_BYTES)
  writeFileSync(fileOf(kind), short.map(({ outcome, bytes }) => `${outcome} ${bytes.toString('base64')}\n`).toSorted().join(''))
}

function fileOf(kind: EventKind): URL {
  return new URL(`corpus/${kind}.txt`, import.meta.url)
}
