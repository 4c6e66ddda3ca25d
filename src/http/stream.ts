import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'

type Chunk = string | Uint8Array
type Told = (error: unknown) => void

/**
 * Sends a body in chunks, each asked for when the client has room for it. Rejects before the first byte, and with no byte sent, if the
 * first chunk cannot be had. If a later one cannot, the connection is reset, which no client takes for the end of the body, and `onError`
 * is told. A client that leaves ends it all in silence.
 */
export async function sendChunks(res: Response, body: AsyncIterable<Chunk>, onError: Told): Promise<void> {
  const chunks = body[Symbol.asyncIterator]()
  const first = await chunks.next()
  if (res.req.method === 'HEAD') {
    await chunks.return?.()
    res.end()
    return
  }
  let failed = false
  const onFailure = (error: unknown) => {
    failed = true
    reset(res)
    onError(error)
  }
  try {
    await pipeline(resume(chunks, first, onFailure), res)
  } catch (error) {
    // What is left is the client's going away, in one of its many spellings.
    if (!failed && !res.destroyed) throw error
  }
}

async function* resume(chunks: AsyncIterator<Chunk>, first: IteratorResult<Chunk>, onFailure: Told): AsyncGenerator<Chunk> {
  try {
    for (let next = first; next.done !== true; next = await chunks.next()) yield next.value
  } catch (error) {
    onFailure(error)
    throw error
  } finally {
    await chunks.return?.()
  }
}

/** Ends a connection so that no part of an answer looks whole. Without chunks (HTTP/1.0) a mere close would be a proper end. */
export function reset(res: Response): void {
  res.socket?.resetAndDestroy()
  res.destroy()
}
