import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { BACKGROUND_TURN_MS, Turns } from '../src/turns.ts'

/** Works for longer than a turn lasts. */
function work(): void {
  const began = performance.now()
  while (performance.now() - began < 6) {}
}

describe('turns', () => {
  it('let who has time left go on at once', async () => {
    const turns = new Turns()
    await nextTurn()
    await turns.next() // a turn begins
    let turned = false
    const immediate = setImmediate(() => { turned = true })
    await turns.next()
    clearImmediate(immediate)
    expect(turned).toBe(false)
  })

  it('give each of those who work on a turn of the event loop to itself, one after the other', async () => {
    const turns = new Turns()
    const done: string[] = []
    let loops = 0
    const count = (): void => { loops++; counting = setImmediate(count) }
    let counting = setImmediate(count)
    const busy = async (name: string) => {
      for (let round = 0; round < 3; round++) {
        work()
        await turns.next()
        done.push(`${name} ${loops}`)
      }
    }
    await Promise.all([busy('a'), busy('b')])
    clearImmediate(counting)
    expect(done.map(each => each.split(' ')[0])).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
    expect(new Set(done.map(each => each.split(' ')[1])).size).toBe(6)
  })

  it('end sooner for who works in the background', async () => {
    const turns = new Turns()
    work()
    await turns.next() // a turn begins
    const began = performance.now()
    while (performance.now() - began < BACKGROUND_TURN_MS) {}
    let turned = false
    setImmediate(() => { turned = true })
    await turns.next(BACKGROUND_TURN_MS)
    expect(turned).toBe(true)
  })

  it('go on for the others where one does not come back', async () => {
    const turns = new Turns()
    work()
    const [first, second] = [turns.next(), turns.next()]
    await first
    work()
    await expect(second).resolves.toBe(undefined)
  })
})
