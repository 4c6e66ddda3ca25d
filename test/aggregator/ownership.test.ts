import { beforeEach, describe, expect, it } from 'vitest'
import { Ownership } from '../../src/aggregator/ownership.ts'

const SESSION = 6_000

let clock: { wall: number; monotonic: number }
let ownership: Ownership

beforeEach(() => {
  clock = { wall: Date.UTC(2026, 0, 1), monotonic: 500 }
  ownership = new Ownership(SESSION, { wall: () => clock.wall, monotonic: () => clock.monotonic })
})

function pass(milliseconds: number): void {
  clock.wall += milliseconds
  clock.monotonic += milliseconds
}

describe('ownership', () => {
  it('begins with the assignment, not before, whatever the heartbeats', () => {
    expect(ownership.holds()).toBe(false)
    ownership.heartbeat(0)
    expect(ownership.holds()).toBe(false)
    ownership.joined(0)
    expect(ownership.holds()).toBe(true)
  })

  it('ends at once when the replica asks to join again, and heartbeats alone do not bring it back', () => {
    ownership.joined(0)
    ownership.left()
    expect(ownership.holds()).toBe(false)
    ownership.heartbeat(0)
    expect(ownership.holds()).toBe(false)
    ownership.joined(0)
    expect(ownership.holds()).toBe(true)
  })

  it('lasts for less than a session after the last heartbeat was sent', () => {
    ownership.joined(0)
    pass(SESSION - 1)
    expect(ownership.holds()).toBe(true)
    pass(1)
    expect(ownership.holds()).toBe(false)
  })

  it('counts from when the answered request was sent, not from its answer', () => {
    ownership.joined(2_000)
    pass(SESSION - 2_001)
    expect(ownership.holds()).toBe(true)
    pass(1)
    expect(ownership.holds()).toBe(false)

    ownership.heartbeat(SESSION)
    expect(ownership.holds()).toBe(false)
    ownership.heartbeat(SESSION - 1)
    expect(ownership.holds()).toBe(true)
  })

  it('goes on with every heartbeat', () => {
    ownership.joined(0)
    for (let beat = 0; beat < 10; beat++) {
      pass(SESSION - 1)
      ownership.heartbeat(0)
    }
    expect(ownership.holds()).toBe(true)
  })

  it('ends by the wall clock where the monotonic one stood still, as in a machine’s sleep', () => {
    ownership.joined(2_000)
    clock.wall += SESSION - 2_001
    expect(ownership.holds()).toBe(true)
    clock.wall += 1
    expect(ownership.holds()).toBe(false)
  })

  it('ends by the monotonic clock where the wall clock was set back meanwhile', () => {
    ownership.joined(0)
    pass(SESSION)
    clock.wall -= SESSION
    expect(ownership.holds()).toBe(false)
  })

  it('is not believed over a jump of the wall clock backward by a session, until the next heartbeat', () => {
    ownership.joined(0)
    clock.wall -= SESSION
    expect(ownership.holds()).toBe(false)
    ownership.heartbeat(0)
    expect(ownership.holds()).toBe(true)
  })

  it('outlives small jumps of the wall clock', () => {
    ownership.joined(0)
    clock.wall -= SESSION - 1
    expect(ownership.holds()).toBe(true)
    clock.wall += 2 * (SESSION - 1)
    expect(ownership.holds()).toBe(true)
  })
})
