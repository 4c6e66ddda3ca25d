import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Response } from 'express'

type Chunk = string | Uint8Array
type Told = (error: unknown) => void

/** A client that takes nothing for so long is cut off: what is written for it is held in memory. */
const STALL_MS = 30_000
/** As is one that is not done by then, however little it takes now and then. */
const LONGEST_MS = 300_000

/**
 * Sends a body in chunks, each asked for when the client has room for it. Rejects before the first byte, and with no byte sent, if the
 * first chunk cannot be had. If a later one cannot, the answer is reset, which no client takes for the end of the body, and `onError`
 * is told. A client that leaves, reads nothing for `stallMs`, or is not done after `longestMs` ends it all in silence.
 */
export async function sendChunks(
  res: Response, body: AsyncIterable<Chunk>, { onError, stallMs = STALL_MS, longestMs = LONGEST_MS }: Sending,
): Promise<void> {
  const chunks = body[Symbol.asyncIterator]()
  const first = await chunks.next()
  const end = setTimeout(() => reset(res), longestMs)
  try {
    const rest = res.req.method === 'HEAD' ? { done: true as const, value: undefined } : first
    const room = roomIn(res, stallMs)
    for (let next = rest; next.done !== true; next = await chunks.next()) {
      if (!isGone(res) && !res.write(next.value)) await room()
      if (isGone(res)) return
    }
    res.end()
  } catch (error) {
    reset(res)
    onError(error)
  } finally {
    clearTimeout(end)
    await chunks.return?.()
  }
}

export interface Sending {
  /** Told of faults of ours. */
  onError: Told
  /** Milliseconds. */
  stallMs?: number
  longestMs?: number
}

/**
 * Waits until the client has taken what was written, or is gone. Not `pipeline`, which waits for ever for an HTTP/2 client that is gone. One
 * listener serves all waits, since `compression` lets none go.
 */
function roomIn(res: Response, stallMs: number): () => Promise<void> {
  let wake: (() => void) | undefined
  res.on('drain', () => wake?.())
  res.once('close', () => wake?.())
  return async () => {
    if (isGone(res)) return
    const room = new Promise<void>(resolve => { wake = resolve })
    const stall = setTimeout(() => reset(res), stallMs)
    await room
    clearTimeout(stall)
  }
}

/** Ends an answer so that no part of it looks whole. Without chunks (HTTP/1.0) a mere close would be a proper end. */
export function reset(res: Response): void {
  const stream = http2StreamOf(res)
  if (stream !== undefined) return stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  res.socket?.resetAndDestroy()
  res.destroy()
}

/** Whether nobody reads any more. */
export function isGone(res: Response): boolean {
  return http2StreamOf(res)?.destroyed ?? res.destroyed
}

function http2StreamOf(res: Response): ServerHttp2Stream | undefined {
  return 'stream' in res ? res.stream as ServerHttp2Stream : undefined
}
