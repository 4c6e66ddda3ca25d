import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AgentCell, InstanceCell } from '../../src/core/cells.ts'
import { isPast } from '../../src/core/retention.ts'
import { deadlineOf } from '../../src/core/state.ts'
import { anyCell } from './arbitrary-cells.ts'
import { Written } from './written.ts'

/** Envelope, epoch, offset and expiry, each a byte. */
const HEAD_BYTES = 13
const times = fc.constantFrom(0, 5, 10, 15, 20)
const dated = fc.tuple(fc.oneof(anyCell('instance'), anyCell('agent')), times, times, fc.boolean()).map(([cell, deadline, expiresAt, live]) => {
  const own = cell.kind === 'instance' ? { live, leaseEnds: deadline } : { silentAt: deadline }
  return Object.assign(cell, { expiresAt }, own) as AgentCell | InstanceCell
})

describe('what is overdue among the cells of a view', () => {
  it('are those whose deadline or expiry lies before, as they were last written', () => {
    fc.assert(fc.property(fc.array(dated, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 5 }), fc.constantFrom(4, 9, 16, 30), (cells, gone, time) => {
      const log = new Written()
      const epoch = log.claim()
      cells.forEach((cell, index) => { log.append(log.cell({ ...cell, asOf: index }, epoch)) })
      const { instance, agent } = log.shard.cells
      for (const index of gone) {
        const cell = cells[index % Math.max(1, cells.length)]
        if (cell !== undefined) log.append(log.tombstone(cell, epoch))
      }
      const looked = [...instance.values(), ...agent.values()].filter(cell => isPast(deadlineOf(cell), time) || isPast(cell.expiresAt, time))
      expect([...instance.overdue(time), ...agent.overdue(time)]).toEqual(looked)
    }))
  })

  it('leaves out what is damaged, and says so', () => {
    const log = new Written()
    const epoch = log.claim()
    const [cell] = fc.sample(dated, 1)
    if (cell === undefined) throw new Error('no sample')
    const { key, value } = log.cell({ ...cell, asOf: 1, expiresAt: 0 }, epoch)
    log.append({ key, value: value?.subarray(0, HEAD_BYTES) ?? null })
    expect(log.unreadable).toEqual([])
    expect([...log.shard.cells[cell.kind].overdue(30)]).toEqual([])
    expect([log.unreadable.length, [...log.shard.cells[cell.kind].values()].length]).toEqual([1, 0])
  })
})
