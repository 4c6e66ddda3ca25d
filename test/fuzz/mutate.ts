/** Numbers from 0 up to, and without, `below`, the same for the same seed (mulberry32). */
export type Random = (below: number) => number

export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32 * below)
  }
}

/** Bytes at which parsers err: bounds of varints and lengths, framings. */
const TELLING = [0x00, 0x01, 0x02, 0x7e, 0x7f, 0x80, 0x81, 0xc3, 0xfe, 0xff]
const MOST_BYTES = 20_000
const MOST_CHANGES = 6

/** One of the pool with some changes to it, or pieces of two. */
export function mutated(pool: readonly Buffer[], random: Random): Buffer {
  const first = pool[random(pool.length)] ?? Buffer.alloc(0)
  let bytes: Buffer = random(8) === 0 ? spliced(first, pool[random(pool.length)] ?? first, random) : Buffer.from(first)
  for (let left = random(MOST_CHANGES + 1); left > 0; left--) bytes = changed(bytes, random)
  return bytes.length > MOST_BYTES ? bytes.subarray(0, MOST_BYTES) : bytes
}

function spliced(first: Buffer, second: Buffer, random: Random): Buffer {
  return Buffer.concat([first.subarray(0, random(first.length + 1)), second.subarray(random(second.length + 1))])
}

function changed(bytes: Buffer, random: Random): Buffer {
  const at = random(bytes.length + 1)
  const behind = Math.min(bytes.length, at + random(12))
  const byte = TELLING[random(TELLING.length)] ?? 0
  const inserted = (piece: Buffer, until = at) => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(until)])
  const changes = [
    () => { if (at < bytes.length) bytes[at] = byte; return bytes },
    () => { if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ 1 << random(8); return bytes },
    () => { if (at < bytes.length) bytes[at] = random(256); return bytes },
    () => inserted(Buffer.from([byte])),
    () => inserted(Buffer.alloc(random(300), byte)),
    () => inserted(Buffer.alloc(0), behind),
    () => inserted(Buffer.from(bytes.subarray(at, behind))),
    () => bytes.subarray(0, at),
  ]
  return changes[random(changes.length)]?.() ?? bytes
}
