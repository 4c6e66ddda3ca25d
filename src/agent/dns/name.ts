import { WireFault } from '../dnstap/wire-fault.ts'

/** A name's most bytes on the wire, its length bytes and end included (RFC 1035, section 2.3.4). */
const MAX_NAME_BYTES = 255
const POINTER = 0xc0

/** A name and where what follows it begins. */
export interface NameAt {
  /** Labels in lower case with dots between them, none at the end; the root is empty. A byte that is no plain letter, digit, - or _ is `\DDD`. */
  name: string
  next: number
}

/**
 * Reads a name that may be compressed (RFC 1035, section 4.1.4). A pointer must lead back before the labels it follows, so no message
 * makes a loop. Throws a WireFault `dns`.
 */
export function readName(message: Buffer, offset: number): NameAt {
  const labels: string[] = []
  let [at, bytes, next, floor] = [offset, 1, -1, offset]
  for (;;) {
    const length = byteAt(message, at)
    if (length === 0) return { name: labels.join('.'), next: next < 0 ? at + 1 : next }
    if (length >= POINTER) {
      if (next < 0) next = at + 2
      at = (length - POINTER) * 256 + byteAt(message, at + 1)
      if (at >= floor) throw new WireFault('dns', 'a name points forward or to itself')
      floor = at
      continue
    }
    bytes += 1 + length
    if (length > 63 || bytes > MAX_NAME_BYTES) throw new WireFault('dns', 'a name is longer than names can be')
    if (at + 1 + length > message.length) throw new WireFault('dns', 'a name is cut off')
    labels.push(labelText(message.toString('latin1', at + 1, at + 1 + length)))
    at += 1 + length
  }
}

/** Where what follows the name begins, without reading it. Throws a WireFault `dns`. */
export function skipName(message: Buffer, offset: number): number {
  for (let at = offset; at - offset < MAX_NAME_BYTES;) {
    const length = byteAt(message, at)
    if (length === 0) return at + 1
    if (length >= POINTER) {
      byteAt(message, at + 1)
      return at + 2
    }
    if (length > 63) break
    at += 1 + length
  }
  throw new WireFault('dns', 'a name is longer than names can be')
}

const plain = /^[a-z0-9_-]*$/

function labelText(label: string): string {
  const lower = label.toLowerCase()
  if (plain.test(lower)) return lower
  return label.replaceAll(/[^a-zA-Z0-9_-]/g, sign => `\\${String(sign.charCodeAt(0)).padStart(3, '0')}`).toLowerCase()
}

function byteAt(message: Buffer, at: number): number {
  const byte = message[at]
  if (byte === undefined) throw new WireFault('dns', 'a name is cut off')
  return byte
}
