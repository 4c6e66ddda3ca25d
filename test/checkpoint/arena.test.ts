import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena } from '../../src/checkpoint/arena.ts'

/** An arena, and what its owners know of it: each block is full of its owner's bytes. */
class Tenants {
  readonly blocks = new Map<number, { address: number; size: number }>()
  moves = 0
  readonly arena = new Arena((owner, address) => {
    const block = this.blocks.get(owner)
    if (block === undefined) throw new Error(`${owner} has no block`)
    block.address = address
    this.moves++
  })

  take(owner: number, size: number): void {
    const address = this.arena.take(owner, size)
    this.blocks.set(owner, { address, size })
    const start = this.arena.startOf(address)
    this.arena.bytesOf(address).fill(owner, start, start + size)
  }

  give(owner: number): void {
    const block = this.blocks.get(owner)
    this.blocks.delete(owner)
    if (block !== undefined) this.arena.give(block.address)
  }

  /** Those that do not find what they wrote. */
  get robbed(): number[] {
    return [...this.blocks].filter(([owner, { address, size }]) => {
      const start = this.arena.startOf(address)
      const bytes = this.arena.bytesOf(address).subarray(start, start + size)
      return bytes.length !== size || this.arena.roomOf(address) < size || bytes.some(byte => byte !== owner % 256)
    }).map(([owner]) => owner)
  }

  get used(): number {
    return [...this.blocks.values()].reduce((sum, { size }) => sum + size, 0)
  }
}

const steps = fc.array(fc.record({
  owner: fc.nat({ max: 60 }), size: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 5_000 })), gives: fc.boolean(),
}), { maxLength: 400 })

describe('an arena', () => {
  it('keeps every block as its owner wrote it, whoever takes and gives meanwhile', () => {
    fc.assert(fc.property(steps, all => {
      const tenants = new Tenants()
      for (const { owner, size, gives } of all) {
        tenants.give(owner)
        if (!gives) tenants.take(owner, size)
      }
      expect(tenants.robbed).toEqual([])
    }), { numRuns: 200 })
  })

  it('moves blocks together, so that waste stays a small part of it, a little at a time', () => {
    const tenants = new Tenants()
    for (let owner = 0; owner < 30_000; owner++) tenants.take(owner, 200)
    let most = 0
    for (let round = 0; round < 10; round++) {
      for (let owner = round % 3; owner < 30_000; owner += 3) {
        tenants.give(owner)
        const before = tenants.moves
        tenants.take(owner, 200 + 8 * round)
        most = Math.max(most, tenants.moves - before)
      }
    }
    expect(tenants.robbed).toEqual([])
    expect(tenants.moves).toBeGreaterThan(1_000)
    expect(most).toBeLessThan(50)
    expect(tenants.arena.bytes / tenants.used).toBeLessThan(1.5)
  })

  it('takes no more than it needs at first, and gives all back but one chunk', () => {
    const tenants = new Tenants()
    expect(tenants.arena.bytes).toBe(0)
    tenants.take(0, 100)
    expect(tenants.arena.bytes).toBe(4_096)
    for (let owner = 1; owner < 20_000; owner++) tenants.take(owner, 100)
    expect(tenants.arena.bytes / tenants.used).toBeLessThan(1.6)
    for (let owner = 0; owner < 20_000; owner++) tenants.give(owner)
    expect(tenants.arena.bytes).toBeLessThanOrEqual(1_048_576)
  })

  it('has a block for whatever is too large for others, and the one begun before is filled on', () => {
    const tenants = new Tenants()
    tenants.take(1, 10)
    const [large] = [3_000_000]
    tenants.take(2, large)
    tenants.take(3, 10)
    expect([tenants.robbed, tenants.arena.bytes]).toEqual([[], 4_096 + 8 + large])
    tenants.give(2)
    expect([tenants.robbed, tenants.arena.bytes]).toEqual([[], 4_096])
  })

  it('has no block where none was taken', () => {
    expect(() => new Arena(() => {}).bytesOf(0)).toThrow(RangeError)
  })
})
