import type { Schema } from 'avsc'
import { boundsFault, Rejection, rejectReasons } from '../../src/contract/bounds.ts'
import { Decoder } from '../../src/contract/codec.ts'
import type { EventKind } from '../../src/contract/events.ts'
import { PlainLookup } from '../../src/contract/plain-lookup.ts'
import { mutated, randomOf, type Random } from './mutate.ts'
import { seedsOf, writerSchemas } from './seeds.ts'

/** No input is to take longer. Milliseconds. */
export const SLOW_MS = 10
const TRIES = 5
const MOST_KEPT = 5_000

export interface Finding {
  /** `event`, or a reason from the closed list. */
  outcome: string
  /** What makes the outcome another one than those before: the detail without its numbers. */
  signature: string
}

/** Decodes bytes of a kind as a replica does. Throws where a promise is broken. */
export class Target {
  readonly kind: EventKind
  #decoder: Decoder<EventKind>
  #plain: PlainLookup
  readonly #schemas: ReadonlyMap<number, unknown>

  constructor(kind: EventKind) {
    this.kind = kind
    this.#schemas = writerSchemas(kind)
    this.#decoder = this.#fresh()
    this.#plain = new PlainLookup(this.#decoder)
  }

  /** As after a start: every writer's schema is compiled anew. */
  restart(): void {
    this.#decoder = this.#fresh()
    this.#plain = new PlainLookup(this.#decoder)
  }

  decode(bytes: Buffer): Finding {
    const isPlain = this.kind === 'lookup' && this.#plain.read(bytes, 0, bytes.length)
    const decoded = this.#decoder.decode(bytes)
    if (decoded instanceof Rejection) {
      if (!rejectReasons.includes(decoded.reason)) throw new Error(`no reason of the list: ${decoded.reason}`)
      if (isPlain) throw new Error(`taken for a plain look-up, but ${decoded.reason}`)
      const detail = decoded.detail.replaceAll(/[0-9a-f]{2,}|\d+/g, '#').slice(0, 60)
      return { outcome: decoded.reason, signature: `${decoded.reason} ${detail} ${framingOf(bytes)} ${Math.ceil(Math.log2(bytes.length + 1))}` }
    }
    const fault = boundsFault(this.kind, decoded)
    if (fault !== null) throw new Error(`an event that breaks a bound: ${fault.detail}`)
    return { outcome: 'event', signature: `event ${framingOf(bytes)} ${isPlain} ${Math.ceil(bytes.length / 64)}` }
  }

  #fresh(): Decoder<EventKind> {
    return new Decoder<EventKind>(this.kind, id => this.#schemas.get(id) as Schema | undefined)
  }
}

/** Of Confluent's, with the schema's id. */
function framingOf(bytes: Buffer): string {
  const head = bytes.toString('hex', 0, 2)
  if (head.startsWith('00')) return `confluent ${bytes.length < 5 ? 'cut' : Math.min(100, bytes.readUInt32BE(1))}`
  return head === 'c301' ? 'single object' : 'none'
}

export interface Report {
  inputs: number
  outcomes: Map<string, number>
  /** The longest that an input took, in milliseconds, and the input. Of one that was decoded several times, the quickest counts. */
  slowest: { ms: number; bytes: Buffer }
  /** The first input of each signature. */
  kept: Map<string, { outcome: string; bytes: Buffer }>
}

export interface FuzzOptions {
  inputs: number
  seed: number
  /** What takes longer is decoded again, as after a start: a garbage collection, or another process, may have come between. Milliseconds. */
  againMs?: number
}

/** Throws, with the input, where it breaks a promise. */
export function fuzz(kind: EventKind, { inputs, seed, againMs = Infinity }: FuzzOptions): Report {
  const random: Random = randomOf(seed)
  const target = new Target(kind)
  const pool = seedsOf(kind)
  const report: Report = { inputs, outcomes: new Map(), slowest: { ms: 0, bytes: Buffer.alloc(0) }, kept: new Map() }
  for (let count = 0; count < inputs; count++) {
    const bytes = mutated(pool, random)
    const { ms, finding } = timed(target, { bytes, againMs })
    report.outcomes.set(finding.outcome, (report.outcomes.get(finding.outcome) ?? 0) + 1)
    if (ms > report.slowest.ms) report.slowest = { ms, bytes }
    if (report.kept.has(finding.signature) || report.kept.size >= MOST_KEPT) continue
    report.kept.set(finding.signature, { outcome: finding.outcome, bytes })
    pool.push(bytes)
  }
  return report
}

function timed(target: Target, { bytes, againMs }: { bytes: Buffer; againMs: number }): { ms: number; finding: Finding } {
  let quickest = once(target, bytes)
  for (let tries = 1; tries < TRIES && quickest.ms > againMs; tries++) {
    target.restart()
    const again = once(target, bytes)
    if (again.ms < quickest.ms) quickest = again
  }
  return quickest
}

function once(target: Target, bytes: Buffer): { ms: number; finding: Finding } {
  const began = performance.now()
  try {
    const finding = target.decode(bytes)
    return { ms: performance.now() - began, finding }
  } catch (cause) {
    throw new Error(`broken by ${target.kind} ${bytes.toString('hex')}`, { cause })
  }
}
