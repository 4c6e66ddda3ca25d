import type { Request, RequestHandler, Response } from 'express'
import { jsonItems } from '../../views/formats/json.ts'
import type { Parameter } from '../openapi/parameters.ts'
import { Query } from '../query.ts'
import { sendChunks } from '../stream.ts'
import type { LargeAnswers } from './large-answers.ts'
import type { LiveMap } from './live-map.ts'

/** What the handlers of the map need. */
export interface MapDeps {
  map: LiveMap
  onError: (error: unknown) => void
}

/** What handlers need whose answers may be large. */
export interface GraphDeps extends MapDeps {
  large: LargeAnswers
}

/** Items written before others may work, and characters gathered before they are sent. */
const ITEMS_AT_ONCE = 32
const CHUNK_CHARS = 65_536

/** Sends text that is made piece by piece, each at the cost of decoding a cell or so. */
export async function sendPieces(res: Response, pieces: Iterable<string>, { map, onError }: MapDeps): Promise<void> {
  await sendChunks(res, gathered(pieces, map), { onError })
}

async function* gathered(pieces: Iterable<string>, map: LiveMap): AsyncGenerator<string> {
  let [chunk, count] = ['', 0]
  for (const piece of pieces) {
    chunk += piece
    if (++count % ITEMS_AT_ONCE === 0) await map.turn()
    if (chunk.length < CHUNK_CHARS) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

/** What comes of each item, when it is asked for; null is left out. */
export function* mapped<T, U>(items: Iterable<T>, change: (item: T) => U | null): Generator<U, void, undefined> {
  for (const item of items) {
    const changed = change(item)
    if (changed !== null) yield changed
  }
}

/** `{"name":[…],…rest}`, item by item. */
export function* listPieces(name: string, items: Iterable<unknown>, rest: Record<string, unknown> = {}): Generator<string> {
  yield `{${JSON.stringify(name)}:[`
  yield* jsonItems(items)
  yield `]${JSON.stringify(rest).replace(/^\{(?=.{2})/, ',').replace(/^\{\}$/, '}')}`
}

/** A handler that is given the query, held against the parameters of its path. */
export function querying(
  parameters: readonly Parameter[], handle: (asked: { query: Query; req: Request<Record<string, string>>; res: Response }) => Promise<void>,
): RequestHandler<Record<string, string>> {
  return async (req, res) => { await handle({ query: new Query(req, parameters), req, res }) }
}
