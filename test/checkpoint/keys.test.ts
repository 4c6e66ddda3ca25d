import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkpointKey, KeyReader, parseCheckpointKey } from '../../src/checkpoint/keys.ts'
import { keyOf } from '../../src/core/names.ts'

const word = fc.stringMatching(/^[a-z][a-zA-Z0-9-]{0,11}$/)

describe('a key of the checkpoint topic', () => {
  it('says of which shard it is, and what about', () => {
    const key = checkpointKey({ shard: 'lookups-3', kind: 'edge', key: keyOf('default', 'cart', 'default', 'pay') })
    expect(key).toBe('lookups-3 edge 7.4.7.3 defaultcartdefaultpay')
    expect(checkpointKey({ shard: 'lookups-3', kind: 'progress', key: '' })).toBe('lookups-3 progress')
  })

  it('is read as it was written, whatever the names in it', () => {
    const names = fc.array(fc.string({ unit: fc.oneof(fc.constantFrom(' ', '.', '\n', '\0', '1'), fc.constantFrom('é', '💳')), maxLength: 6 }), { minLength: 1 })
    fc.assert(fc.property(word, word, fc.oneof(names.map(each => keyOf(...each)), fc.constant('')), (shard, kind, key) => {
      expect(parseCheckpointKey(Buffer.from(checkpointKey({ shard, kind, key })))).toEqual({ shard, kind, key })
    }))
  })

  it('is never that of something else', () => {
    const name = fc.record({ shard: word, kind: word, key: fc.array(fc.string({ maxLength: 4 }), { minLength: 1 }).map(each => keyOf(...each)) })
    fc.assert(fc.property(name, name, (one, other) => {
      expect(checkpointKey(one) === checkpointKey(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
    }))
  })

  it.each(['', 'nonsense', ' edge 1 a', 'lookups-0 ', 'lookups-0  1 a'])('is not %j', text => {
    expect(parseCheckpointKey(Buffer.from(text))).toBe(null)
  })

  it('is null or a name for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      const name = parseCheckpointKey(Buffer.from(bytes))
      expect(name === null || name.shard !== '').toBe(true)
    }))
  })
})

describe('a reader of keys', () => {
  it('reads each as if it were alone, whichever came before, and meets few more than once', () => {
    const words = fc.constantFrom('a', 'ab', 'edge', 'edges')
    const some = fc.array(fc.record({ shard: words, kind: words, key: fc.constantFrom('', '1 a', ' ', 'edge') }), { maxLength: 40 })
    fc.assert(fc.property(some, fc.nat({ max: 3 }), (names, shift) => {
      const met: string[] = []
      const reader = new KeyReader((shard, kind) => {
        met.push(`${shard} ${kind}`)
        return { shard, kind }
      })
      for (const name of names) {
        const bytes = Buffer.concat([Buffer.alloc(shift, 'x'), Buffer.from(checkpointKey(name)), Buffer.from(' y')])
        const place = reader.read(bytes, shift, bytes.length - 2)
        expect({ ...place, key: bytes.toString('utf8', reader.keyStart, bytes.length - 2) }).toEqual(name)
      }
      expect(met.length).toBeLessThanOrEqual(2 * new Set(met).size) // with a key behind it, and without
    }))
  })
})
