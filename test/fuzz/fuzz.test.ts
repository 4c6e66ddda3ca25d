import { describe, expect, it } from 'vitest'
import { rejectReasons } from '../../src/contract/bounds.ts'
import { readCorpus } from './corpus.ts'
import { fuzz, Target } from './fuzzer.ts'
import { kinds } from './seeds.ts'

// How long they take is told by test/fuzz/main.ts. What bounds it is tested where it is: the bytes of a value (codec.test.ts), the parts of
// a writer's schema, and that none of them is met twice (writer-schemas.test.ts).

describe.each(kinds)('whatever the bytes, a decoder of kind %s gives an event or a reason', kind => {
  it('for all that was found by fuzzing, the same as then', () => {
    const corpus = readCorpus(kind)
    const target = new Target(kind)
    expect(corpus.map(({ bytes }) => target.decode(bytes).outcome)).toEqual(corpus.map(({ outcome }) => outcome))
    const met = new Set(corpus.map(({ outcome }) => outcome))
    expect([...met].filter(outcome => outcome !== 'event' && !rejectReasons.includes(outcome as never))).toEqual([])
    expect(met.size).toBeGreaterThan(7)
  })

  it('for mutations of true and hostile messages', () => {
    const { outcomes } = fuzz(kind, { inputs: 5_000, seed: 7 })
    expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(5_000)
    expect(outcomes.size).toBeGreaterThan(7)
  })
})
