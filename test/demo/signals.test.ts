import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { onSignals } from '../../demo/signals.ts'

/** What the demo does, and when, on signals at these times. */
function press(...presses: (readonly [millis: number, signal: string])[]): string[] {
  const source = new EventEmitter()
  const done: string[] = []
  let now = 0
  onSignals(source, () => now, { stop: () => done.push(`stop at ${now}`), exit: () => done.push(`exit at ${now}`) })
  for (const [millis, signal] of presses) {
    now = millis
    source.emit(signal)
  }
  return done
}

describe('Ctrl-C', () => {
  it('stops the demo, and exits when pressed again', () => {
    expect(press([100, 'SIGINT'], [2_000, 'SIGINT'])).toEqual(['stop at 100', 'exit at 2000'])
  })

  it('is one press though npm passes it on a second time', () => {
    expect(press([100, 'SIGINT'], [103, 'SIGINT'], [110, 'SIGTERM'])).toEqual(['stop at 100'])
  })

  it('and a SIGTERM are the same', () => {
    expect(press([100, 'SIGTERM'], [2_000, 'SIGINT'])).toEqual(['stop at 100', 'exit at 2000'])
  })
})
