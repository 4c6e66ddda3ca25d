import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { Allowance, isReplay, LetterBox, MOST_LETTER_BYTES } from '../../src/aggregator/dead-letters.ts'
import { UnreadableBatch, type KeyedRecord } from '../../src/checkpoint/log.ts'
import { Rejection } from '../../src/contract/bounds.ts'
import { sizeOfRecord } from '../../src/contract/dead-letters.ts'
import { readSet, unreadableBatch } from '../kafka/record-sets.ts'
import { recordsOf } from '../support/records.ts'
import { T0, TOPIC } from './messages.ts'
import { RecordedTelemetry } from './recorded.ts'

const MEBIBYTE = 1_048_576
const why = new Rejection('malformed', 'the bytes end within the event')
let telemetry: RecordedTelemetry
beforeEach(() => { telemetry = new RecordedTelemetry() })

function cursorOn(fields: Partial<KeyedRecord>) {
  const cursor = recordsOf([{ offset: 0, appendTime: T0, value: null, ...fields }]).cursor()
  cursor.advance()
  return cursor
}

describe('an allowance', () => {
  it('lets ten seconds’ worth through at once, and then its rate', () => {
    const allowance = new Allowance(2)
    const spent = (time: number) => Array.from({ length: 30 }, () => allowance.spend(1, time)).filter(Boolean).length
    expect([spent(T0), spent(T0 + 499), spent(T0 + 500), spent(T0 + 3_000), spent(T0 + 600_000)]).toEqual([20, 0, 1, 5, 20])
  })

  it('gains nothing from a clock that goes back and forth', () => {
    const allowance = new Allowance(1)
    for (let index = 0; index < 10; index++) allowance.spend(1, T0)
    expect([T0 - 9_000, T0, T0 - 9_000, T0 + 999].map(time => allowance.spend(1, time))).toEqual([false, false, false, false])
    expect(allowance.spend(1, T0 + 1_000)).toBe(true)
  })

  it('lets what costs more than it can ever hold through when it is full, and is empty then', () => {
    const allowance = new Allowance(1)
    expect([allowance.spend(65, T0), allowance.spend(1, T0), allowance.spend(65, T0 + 9_999), allowance.spend(65, T0 + 10_000)])
      .toEqual([true, false, false, true])
  })

  it('holds nothing back below its rate, whenever it began: a restart loses no letter', () => {
    const gaps = fc.array(fc.integer({ min: 250, max: 5_000 }), { minLength: 1, maxLength: 80 })
    fc.assert(fc.property(gaps, fc.nat(), (waits, restartAt) => {
      let time = T0
      let allowance = new Allowance(4)
      waits.forEach((wait, index) => {
        if (index === restartAt % waits.length) allowance = new Allowance(4)
        time += wait
        expect(allowance.spend(1, time)).toBe(true)
      })
    }))
  })
})

const box = (rate = 100) => new LetterBox({ topic: TOPIC, partition: 3 }, rate, telemetry)

describe('a letter box', () => {
  it('keeps a copy of the whole record and where it came from', () => {
    const letters = box()
    const cursor = cursorOn({ offset: 41, key: Buffer.from('shop/cart'), value: Buffer.from([0, 255]), headers: [['a', Buffer.from('b')], ['c', null]] })
    letters.put(why, cursor)
    cursor.bytes.fill(0)
    expect(letters.take()).toEqual([[{
      topic: TOPIC, partition: 3, offset: 41, timestamp: T0, reason: 'malformed', detail: 'the bytes end within the event',
      key: Buffer.from('shop/cart'), value: Buffer.from([0, 255]), headers: [['a', Buffer.from('b')], ['c', null]], batchOf: 0, cutFrom: 0,
    }]])
    expect(letters.take()).toEqual([])
  })

  it('counts what the rate does not allow, and a record of many bytes as several', () => {
    const letters = box(1)
    for (let index = 0; index < 12; index++) letters.put(why, cursorOn({ appendTime: T0 }))
    expect([letters.take().flat().length, telemetry.letterDrops]).toEqual([10, 2])
    letters.put(why, cursorOn({ appendTime: T0 + 3_000, value: Buffer.alloc(40_000) }))
    letters.put(why, cursorOn({ appendTime: T0 + 3_000 }))
    expect([letters.take().flat().length, telemetry.letterDrops]).toEqual([1, 3])
  })

  it('stores of a flood ten seconds’ worth and then its rate, and counts the rest as dropped, however fast it is read', () => {
    const letters = box(100)
    let stored = 0
    for (let offset = 0; offset < 60_000; offset++) { // a thousand a second for a minute
      letters.put(why, cursorOn({ offset, appendTime: T0 + offset }))
      if (offset % 1_000 === 999) stored += letters.take().flat().length
    }
    expect([stored, telemetry.letterDrops]).toEqual([6_999, 53_001])
  })

  it('keeps of a batch that cannot be read one letter, and counts all its records where the rate does not allow it', async () => {
    const letters = box(1)
    const [batch] = readSet(await unreadableBatch(7, 4))
    if (!(batch instanceof UnreadableBatch)) throw new Error('it was read')
    for (let time = 0; time < 11; time++) letters.putBatch(batch, { offset: 8, records: 3 })
    expect(letters.take().flat()).toHaveLength(10)
    expect(telemetry.letterDrops).toBe(3)
  })

  it('is full before it holds much, and gives batches that the topic takes', () => {
    const letters = box(10_000)
    let count = 0
    for (; !letters.isFull; count++) letters.put(why, cursorOn({ offset: count, value: Buffer.alloc(300_000) }))
    expect(count).toBe(14)
    const batches = letters.take()
    expect([batches.map(({ length }) => length), batches.flat().map(({ offset }) => offset)]).toEqual([[3, 3, 3, 3, 2], Array.from({ length: 14 }, (_, index) => index)])
    expect(letters.isFull).toBe(false)
  })

  it('holds no more of a record than a letter may have, however well it was compressed', () => {
    const letters = box(10_000)
    letters.put(why, cursorOn({ value: Buffer.alloc(40 * MEBIBYTE) }))
    const [letter] = letters.take().flat()
    expect(letter && sizeOfRecord(letter)).toBe(MOST_LETTER_BYTES)
    expect(letter?.cutFrom).toBe(40 * MEBIBYTE)
  })
})

describe('a replay', () => {
  it.each<[string, KeyedRecord['headers'], boolean]>([
    ['no headers', [], false],
    ['other headers', [['traceparent', Buffer.from('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')]], false],
    ['its name in another one’s value', [['note', Buffer.from('discovery-replayed')]], false],
    ['its header', [['a', null], ['discovery-replayed', Buffer.from('0/7')]], true],
  ])('is told by its header: a record with %s', (_, headers, expected) => {
    expect(isReplay(cursorOn({ headers, value: Buffer.from('discovery-replayed') }))).toBe(expected)
  })
})
