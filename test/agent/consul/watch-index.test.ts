import { describe, expect, it } from 'vitest'
import { WatchIndex } from '../../../src/agent/consul/watch-index.ts'

describe('the index of a blocking query', () => {
  it('is none at first, and then what the last answer had', () => {
    const index = new WatchIndex()
    expect(index.asked).toBe(0)
    expect([index.take(7), index.asked]).toEqual(['changed', 7])
    expect([index.take(7), index.asked]).toEqual(['unchanged', 7])
    expect([index.take(9), index.asked]).toEqual(['changed', 9])
  })

  it('is none again once it went back', () => {
    const index = new WatchIndex()
    index.take(9)
    expect([index.take(3), index.asked]).toEqual(['went_back', 0])
    expect([index.take(3), index.asked]).toEqual(['changed', 3])
  })

  it('is one at least, for with 0 a question would not wait', () => {
    const index = new WatchIndex()
    expect([index.take(0), index.asked]).toEqual(['changed', 1])
  })

  it('is none after a failure, and what is answered then is read even if the index is the same', () => {
    const index = new WatchIndex()
    index.take(9)
    index.lost()
    expect(index.asked).toBe(0)
    expect(index.take(9)).toBe('changed')
    index.lost()
    expect(index.take(3)).toBe('went_back')
  })
})
