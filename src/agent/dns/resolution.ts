import type { Answer } from './answer.ts'
import { recordTypes } from './message.ts'
import type { Match } from './service-pattern.ts'

/** One question that a client asked, and what it came to. Times: milliseconds since the epoch by the server's clock; 0: not told. */
export interface Part {
  readonly type: number
  readonly resolution: Resolution
  askedAt: number
  answeredAt: number
  answer: Answer | undefined
}

/** The questions about one name. */
export interface Attempt {
  name: string
  match: Match | null
  parts: Part[]
}

/**
 * What a program's one wish to find a name comes to in questions: A and AAAA of it, and the same under each of the search domains until one
 * is answered.
 */
export interface Resolution {
  /** The client's address, as text. */
  readonly client: string
  readonly attempts: Attempt[]
  /** What the search domains are appended to, once two attempts have shown it. */
  stem: string | undefined
  /** By number; -1: none was appended. */
  readonly usedSuffixes: Set<number>
  /** Questions without an answer. */
  open: number
  /** Is told as soon as it is answered. */
  isAlone: boolean
}

/** How a resolution is told: as one look-up. */
export interface Resolved {
  client: string
  match: Match
  answer: Answer
  /** Microseconds from the first question to the last answer, as the client waited; -1: not known. */
  durationMicros: number
  /** When it ended, as above. */
  endedAt: number
}

export function lastOf({ attempts }: Resolution): Attempt | undefined {
  return attempts.at(-1)
}

export function isSatisfied(attempt: Attempt): boolean {
  return attempt.parts.some(({ answer }) => answer?.outcome === 'SUCCESS')
}

/** Nothing more can come of it: found, and found for both kinds of address if it was for one. */
export function isComplete(attempt: Attempt): boolean {
  if (!isSatisfied(attempt) || attempt.parts.some(({ answer }) => answer?.isTruncated !== false)) return false
  return attempt.parts.length === 2 || attempt.parts.every(({ type }) => type !== recordTypes.A && type !== recordTypes.AAAA)
}

/**
 * The look-up that a resolution was; null: its name is of no service. Where one attempt was satisfied it is the one that was meant; where
 * none was, the one whose name is a service's most plainly.
 */
export function resolved(resolution: Resolution): Resolved | null {
  const { client, attempts } = resolution
  const chosen = attempts.find(isSatisfied) ?? attempts.filter(({ match }) => match !== null).toSorted(plainest)[0]
  if (chosen === undefined || chosen.match === null) return null
  const parts = attempts.flatMap(attempt => attempt.parts)
  return { client, match: chosen.match, answer: answerOf(chosen), endedAt: Math.max(...parts.map(part => part.answeredAt)), ...lasting(parts) }
}

/** A name that exists before one that does not, and then the one with the fewest labels that stand for nothing. */
function plainest(a: Attempt, b: Attempt): number {
  const absent = (attempt: Attempt): number => Number(answerOf(attempt).outcome === 'FAILURE')
  return absent(a) - absent(b) || (a.match?.wildcards ?? 0) - (b.match?.wildcards ?? 0)
}

/** What the answers about one name come to: the client uses whatever it finds. */
function answerOf({ parts }: Attempt): Answer {
  const answers = parts.flatMap(({ answer }) => answer ?? [])
  const found = answers.filter(({ outcome }) => outcome === 'SUCCESS')
  const [first] = [...found, ...answers.filter(({ outcome }) => outcome === 'FAILURE'), ...answers]
  if (first === undefined) throw new Error('a resolution was told before it was answered')
  return found.length === 0 ? first : { ...first, instances: found.reduce((sum, { instances }) => sum + instances, 0) }
}

function lasting(parts: readonly Part[]): { durationMicros: number } {
  const [start, end] = [Math.min(...parts.map(part => part.askedAt)), Math.max(...parts.map(part => part.answeredAt))]
  const isMeasured = start > 0 && end >= start && parts.every(part => part.answeredAt > 0)
  return { durationMicros: isMeasured ? Math.round((end - start) * 1_000) : -1 }
}

/** By client, name and type. The name is not the last one where another has been tried since. */
export function questionKey(part: Part): string {
  const { client, attempts } = part.resolution
  return `${client} ${attempts.find(({ parts }) => parts.includes(part))?.name ?? ''} ${part.type}`
}
