import { describe, expect, it } from 'vitest'
import { Vitality } from '../../src/aggregator/vitality.ts'

describe('vitality', () => {
  it('is healthy as long as nothing died', () => {
    expect(new Vitality().health()).toEqual({ healthy: true })
  })

  it('is lost for good with the first cause of death, which it tells', async () => {
    const vitality = new Vitality()
    vitality.died(new Error('not authorized'))
    vitality.died(new Error('something later'))
    expect(vitality.health()).toEqual({ healthy: false, reason: 'the consumer died: not authorized' })
    expect((await vitality.death).message).toBe('not authorized')
  })
})
