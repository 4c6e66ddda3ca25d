import type { AgentCell, LastNumber, SequencesCell } from './cells.ts'
import { keyOf } from './names.ts'
import { expiryAfter, isPast } from './retention.ts'
import { edit, type ShardState } from './state.ts'

/** Cells that a partition's agents are spread over. The log is full of their keys: this may not change. */
const BUCKETS = 256
/** Agents in a bucket; one more, and the one that was not seen for longest is forgotten: a quarter of a million in each partition. */
const MOST_IN_BUCKET = 1_024
/** What an agent takes at most in its bucket beside its id: its length, and two longs. */
const MOST_NUMBER_BYTES = 22
const MOST_CHARACTER_BYTES = 3

/** Where an agent's number is, and the cell that it is in. */
export interface Numbered {
  sequences: SequencesCell
  last: LastNumber
}

/** Notes the number of an event. False for a repetition: an agent's numbers rise within a partition. */
export function isNews(last: Pick<LastNumber, 'sequence' | 'lastSeen'>, sequence: number, time: number): boolean {
  last.lastSeen = Math.max(last.lastSeen, time)
  if (sequence <= last.sequence) return false
  last.sequence = sequence
  return true
}

/** An agent's number, to be changed: zero if there is none, or it was not seen for so long that it is forgotten. */
export function numberOf(state: ShardState, agentId: string): Numbered {
  const sequences = edit(state, 'sequences', bucketOf(agentId))
  const last = sequences.last.get(agentId) ?? addNumber(state, sequences, agentId)
  if (isForgotten(state, last)) last.sequence = 0
  return { sequences, last }
}

/** Whether an agent was not seen for so long that nothing is known of it any more. */
export function isForgotten(state: ShardState, { lastSeen }: LastNumber): boolean {
  return isPast(expiryAfter(state.retention.sequences, lastSeen), state.streamTime)
}

function addNumber(state: ShardState, { last }: SequencesCell, agentId: string): LastNumber {
  if ((last.size & (last.size - 1)) === 0) forgetAll(state, last) // now and then, but the same ones whoever folds
  if (last.size >= MOST_IN_BUCKET) {
    forget(last, longestUnseen(last))
    state.forgottenAgents++
  }
  state.changes.grow(mostBytesOf(agentId))
  const added = { sequence: 0, lastSeen: state.streamTime, gone: false, ...cellOfItsOwn(state, agentId) }
  last.set(agentId, added)
  return added
}

/** Before there were buckets, every partition had a cell for each agent: it goes on from there. */
function cellOfItsOwn(state: ShardState, agentId: string): Pick<AgentCell, 'sequence' | 'lastSeen'> | undefined {
  const cell = state.cells.agent.get(keyOf(agentId))
  return cell === undefined ? undefined : { sequence: cell.sequence, lastSeen: cell.lastSeen }
}

function forgetAll(state: ShardState, last: Map<string, LastNumber>): void {
  for (const [agentId, held] of last) if (isForgotten(state, held)) forget(last, agentId)
}

/** Bytes that an agent takes in its bucket, at most. */
export function mostBytesOf(agentId: string): number {
  return MOST_CHARACTER_BYTES * agentId.length + MOST_NUMBER_BYTES
}

function forget(last: Map<string, LastNumber>, agentId: string): void {
  const forgotten = last.get(agentId)
  if (forgotten !== undefined) forgotten.gone = true
  last.delete(agentId)
}

function longestUnseen(last: ReadonlyMap<string, LastNumber>): string {
  let [found, seen] = ['', Infinity]
  for (const [agentId, { lastSeen }] of last) if (lastSeen < seen) [found, seen] = [agentId, lastSeen]
  return found
}

/** In which cell an agent's number is: FNV-1a over the characters (Fowler, Noll, Vo), folded to eight bits. */
export function bucketOf(agentId: string): string {
  let hash = 0x811c_9dc5
  for (let at = 0; at < agentId.length; at++) hash = Math.imul(hash ^ agentId.charCodeAt(at), 0x0100_0193)
  return String((hash ^ hash >>> 16) & (BUCKETS - 1))
}
