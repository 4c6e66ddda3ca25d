import { describe, expect, it } from 'vitest'
import { countedIn } from '../../demo/counted.ts'
import { parseExposition } from '../../demo/exposition.ts'
import { Ledger, total } from '../../demo/ledger.ts'
import { compare, renderTable, summarize } from '../../demo/report.ts'

const cart = { namespace: 'shop', service: 'cart' }
const user = { namespace: 'platform', service: 'user' }

function ledgerWith(...entries: ((ledger: Ledger) => void)[]): Ledger {
  const ledger = new Ledger()
  for (const entry of entries) entry(ledger)
  return ledger
}

describe('the ledger', () => {
  it('counts a look-up by its weight and a registration once', () => {
    const ledger = ledgerWith(book => book.lookup(cart), book => book.lookup(cart, 4), book => book.registration(cart))
    expect(ledger.tallies.get('shop/cart')).toEqual({ lookups: 5, registrations: 1 })
    expect(ledger.total).toBe(6)
  })

  it('keeps services of one name in two namespaces apart', () => {
    const ledger = ledgerWith(book => book.lookup(cart), book => book.lookup({ namespace: 'platform', service: 'cart' }))
    expect([...ledger.tallies.keys()]).toEqual(['shop/cart', 'platform/cart'])
  })
})

describe('what the replicas count', () => {
  it('is the sum over their outcomes, operations, shards and replicas, and of nothing else', () => {
    const first = parseExposition([
      'discovery_lookups_total{namespace="shop",service="cart",outcome="success",shard="lookups-1"} 7',
      'discovery_lookups_total{namespace="shop",service="cart",outcome="failure",shard="lookups-1"} 2',
      'discovery_registrations_total{namespace="shop",service="cart",operation="renew",outcome="success",shard="registrations-0"} 3',
      'discovery_instances{namespace="shop",service="cart",status="passing",shard="registrations-0"} 100',
    ].join('\n')).samples
    const second = parseExposition('discovery_lookups_total{namespace="shop",service="cart",outcome="success",shard="lookups-2"} 10').samples
    expect(countedIn([first, second])).toEqual(new Map([['shop/cart', { lookups: 19, registrations: 3 }]]))
  })
})

describe('the report', () => {
  const recorded = ledgerWith(book => book.lookup(cart, 1_200), book => book.registration(cart), book => book.lookup(user, 7)).tallies

  it('has no differences where every pair is equal', () => {
    expect(summarize(recorded, new Map(recorded))).toEqual({ recorded: 1_208, counted: 1_208, differences: 0 })
  })

  it('counts each pair that differs, though the sums be equal', () => {
    const counted = new Map([['shop/cart', { lookups: 1_201, registrations: 0 }], ['platform/user', { lookups: 7, registrations: 0 }]])
    expect(total(counted)).toBe(1_208)
    expect(summarize(recorded, counted)).toEqual({ recorded: 1_208, counted: 1_208, differences: 2 })
  })

  it('counts services that only one side knows', () => {
    expect(summarize(recorded, new Map([['shop/cart', { lookups: 1_200, registrations: 1 }]])).differences).toBe(1)
    expect(summarize(new Map(), new Map([['shop/ghost', { lookups: 1, registrations: 1 }]])).differences).toBe(2)
  })

  it('is a table with a line for each service and one for the sums', () => {
    const counted = new Map([['shop/cart', { lookups: 1_199, registrations: 2 }]])
    expect(`\n${renderTable(compare(recorded, counted))}\n`).toBe(`
service        lookups recorded  counted  difference  registrations recorded  counted  difference
-------------  ----------------  -------  ----------  ----------------------  -------  ----------
platform/user                 7        0          -7                       0        0           0
shop/cart                  1200     1199          -1                       1        2          +1
-------------  ----------------  -------  ----------  ----------------------  -------  ----------
total                      1207     1199          -8                       1        2          +1
`)
  })
})
