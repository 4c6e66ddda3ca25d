import { isIP } from 'node:net'

const V4_MAPPED = Buffer.from('00000000000000000000ffff', 'hex')

/** An address of 4 or 16 bytes, an IPv4 one that IPv6 carries as what it is (RFC 4291, section 2.5.5.2). */
export function unmapped(bytes: Buffer): Buffer {
  return bytes.length === 16 && bytes.subarray(0, 12).equals(V4_MAPPED) ? bytes.subarray(12) : bytes
}

/** `10.0.0.1`, or RFC 5952's form of an IPv6 address; empty for no bytes. */
export function addressText(bytes: Buffer): string {
  if (bytes.length !== 16) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  const [longest = ''] = [...`:${groups.join(':')}:`.matchAll(/:(?:0:){2,}/g)].map(([run]) => run).toSorted((a, b) => b.length - a.length)
  const text = `:${groups.join(':')}:`
  if (longest === '') return text.slice(1, -1)
  const at = text.indexOf(longest)
  return `${text.slice(1, at) || ''}::${text.slice(at + longest.length, -1)}`
}

/** The bytes of an address as people write it; undefined: it is none. */
export function addressBytes(text: string): Buffer | undefined {
  const family = isIP(text)
  if (family === 4) return Buffer.from(text.split('.').map(Number))
  if (family === 0 || text.includes('%')) return undefined
  const [head = '', tail] = text.split('::')
  const [first, last] = [groupsIn(head), groupsIn(tail ?? '')]
  const bytes = Buffer.from([...first, ...Array.from({ length: 16 - first.length - last.length }, () => 0), ...last])
  return unmapped(bytes)
}

function groupsIn(text: string): number[] {
  return text.split(':').filter(group => group !== '').flatMap(group => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
}
