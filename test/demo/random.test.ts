import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../demo/random.ts'

const draw = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next())

describe('chance by a seed', () => {
  it('draws the same numbers for the same seed and others for another', () => {
    expect(draw(createRandom(1), 5)).toEqual(draw(createRandom(1), 5))
    expect(draw(createRandom(1), 5)).not.toEqual(draw(createRandom(2), 5))
  })

  it('gives a part draws of its own, whatever others have drawn', () => {
    const fresh = createRandom(1)
    const used = createRandom(1)
    draw(used, 3)
    expect(draw(used.fork('cart'), 5)).toEqual(draw(fresh.fork('cart'), 5))
    expect(draw(fresh.fork('cart'), 5)).not.toEqual(draw(fresh.fork('user'), 5))
  })

  it('draws evenly', () => {
    const random = createRandom(42)
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 8_000; i++) {
      const at = random.below(4)
      counts[at] = (counts[at] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200)
  })

  it('picks nothing from an empty list', () => {
    expect(createRandom(1).pick([])).toBeUndefined()
  })
})
