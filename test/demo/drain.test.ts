import { describe, expect, it } from 'vitest'
import { drained, type Counting } from '../../demo/drain.ts'
import { DemoError } from '../../demo/errors.ts'
import type { Tallies } from '../../demo/ledger.ts'

const recorded: Tallies = new Map([['shop/cart', { lookups: 10, registrations: 0 }]])
const failure = new DemoError('SCRAPE_FAILED', 'no page')

/** A replica that counts these look-ups at one scrape after the other, the last number for ever; an error is a scrape that fails. */
function replica(...pages: (number | DemoError)[]): Counting & { scrapes: number } {
  const counting = {
    death: undefined,
    scrapes: 0,
    scrape() {
      const page = pages[Math.min(counting.scrapes++, pages.length - 1)] ?? 0
      if (typeof page !== 'number') return Promise.reject(page)
      return Promise.resolve([{ name: 'discovery_lookups_total', labels: { namespace: 'shop', service: 'cart' }, value: page }])
    },
  }
  return counting
}

const patient = { millis: 60_000, pollMillis: 1 }
const lookups = (tallies: Tallies): number | undefined => tallies.get('shop/cart')?.lookups

describe('waiting for the replicas', () => {
  it('ends once they count together what was recorded', async () => {
    const [first, second] = [replica(3, 6), replica(0, 2, 4)]
    expect(lookups(await drained([first, second], recorded, patient))).toBe(10)
    expect(first.scrapes).toBe(4)
  })

  it('is not over when the sum is passed through on the way to too much', async () => {
    const doubling = replica(5, 10, 20)
    expect(lookups(await drained([doubling], recorded, { millis: 20, pollMillis: 1 }))).toBe(20)
  })

  it('ends after its time with what they count then', async () => {
    expect(lookups(await drained([replica(9)], recorded, { millis: 5, pollMillis: 1 }))).toBe(9)
  })

  it('goes on over a page that cannot be read, and looks twice again', async () => {
    const shaky = replica(failure, 10, failure, 10, 10)
    expect(lookups(await drained([shaky], recorded, patient))).toBe(10)
    expect(shaky.scrapes).toBe(5)
  })

  it('fails where pages cannot be read to the end', async () => {
    await expect(drained([replica(failure)], recorded, { millis: 5, pollMillis: 1 })).rejects.toBe(failure)
  })

  it('fails at once when a replica has died', async () => {
    const death = new DemoError('REPLICA_DIED', 'the replica ended')
    await expect(drained([replica(10), { ...replica(0), death }], recorded, patient)).rejects.toBe(death)
  })
})
