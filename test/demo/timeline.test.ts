import { describe, expect, it } from 'vitest'
import { Timeline } from '../../demo/timeline.ts'

describe('the timeline', () => {
  it('runs what is due in order of time, and what was planned first before what was planned later', () => {
    const timeline = new Timeline()
    const ran: string[] = []
    for (const [time, name] of [[30, 'late'], [10, 'early'], [20, 'first'], [20, 'second']] as const) timeline.at(time, now => ran.push(`${name} at ${now}`))
    timeline.run(25)
    expect(ran).toEqual(['early at 10', 'first at 20', 'second at 20'])
    timeline.run(30)
    expect(ran.at(-1)).toBe('late at 30')
  })

  it('runs each thing once, and what an action plans for the same run, too', () => {
    const timeline = new Timeline()
    const ran: number[] = []
    const tick = (now: number): void => {
      ran.push(now)
      timeline.at(now + 10, tick)
    }
    timeline.at(10, tick)
    timeline.run(35)
    timeline.run(35)
    expect(ran).toEqual([10, 20, 30])
  })
})
