import { beforeEach, describe, expect, it } from 'vitest'
import { Graveyard } from '../../src/checkpoint/graveyard.ts'
import { blankCell } from '../../src/core/blank-cells.ts'
import type { InstanceCell } from '../../src/core/cells.ts'
import { Written } from './written.ts'

let log: Written
let epoch: number
beforeEach(() => {
  log = new Written()
  epoch = log.claim()
})

const instance = (asOf: number): InstanceCell => ({ ...blankCell('instance', ['shop', 'cart', 'a']), live: true, asOf })
const held = () => Array.from(log.shard.cells.instance.entries(), ([, { asOf }]) => asOf)

describe('a cell that lived and is gone', () => {
  it('is not brought back by a late record from when it lived, which is noted to be written again', () => {
    log.append(log.cell(instance(5), epoch), log.tombstone(instance(0), epoch), log.cell(instance(5), epoch))
    expect([held(), [...log.shard.stale.values()].map(({ kind, key }) => `${kind} ${key}`)]).toEqual([[], ['instance 4.4.1 shopcarta']])
  })

  it('is not brought back where its tombstone is all that was read of it', () => {
    log.append(log.tombstone(instance(0), epoch), log.cell(instance(5), epoch))
    expect(held()).toEqual([])
  })

  it('comes back by what a later owner writes, and may go again', () => {
    log.append(log.tombstone(instance(0), epoch))
    const later = log.claim()
    log.append(log.cell(instance(7), later))
    expect(held()).toEqual([7])
    log.append(log.cell(instance(9), later))
    expect(held()).toEqual([9])
    log.append(log.tombstone(instance(0), later), log.cell(instance(9), later))
    expect(held()).toEqual([])
  })
})

describe('a graveyard', () => {
  it('remembers the tombstones that were read last, so many of them', () => {
    const graves = new Graveyard()
    expect(graves.isEmpty).toBe(true)
    for (let index = 0; index < 20_000; index++) graves.bury(`${index % 18_000}`, { epoch: 1, asOf: index, expiresAt: 0 })
    expect([graves.find('0')?.asOf, graves.find('1999')?.asOf, graves.find('2000'), graves.find('3615'), graves.find('3616')?.asOf]).toEqual([18_000, 19_999, undefined, undefined, 3_616])
    graves.forget('0')
    expect(graves.find('0')).toBe(undefined)
  })
})
