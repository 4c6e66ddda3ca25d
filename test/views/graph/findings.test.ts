import { describe, expect, it } from 'vitest'
import { findingsOf, type Finding } from '../../../src/views/graph/findings.ts'
import { atOnce } from '../../../src/views/steps.ts'
import { readingOf } from '../map-of.ts'
import { lookup, MINUTE, registration, shardOf, T0, type Appended } from '../shards.ts'

function found(events: readonly Appended[], now = T0): string[] {
  const reading = readingOf([shardOf(events)], now)
  return atOnce(findingsOf(reading.snapshot, reading)).map(brief)
}

function brief({ kind, service, services, value }: Finding): string {
  return [kind, service, ...services.map(other => `(${other.service})`), ...(value === null ? [] : [value])].join(' ')
}

const look = (cache: 'BYPASS' | 'HIT' | 'UNKNOWN', weight: number) => lookup({ cache, weight })
const registered = (...services: string[]) => services.map(service => registration({ service, instance: `${service}-1` }))

describe('what looks wrong', () => {
  it('is nothing where all that is looked up is registered, and all that is registered is looked up', () => {
    expect(found([...registered('cart'), lookup({ client: 'web' })])).toEqual([])
  })

  it('is a cycle, told once, with all who take part', () => {
    const events = [lookup({ client: 'a', service: 'b' }), lookup({ client: 'b', service: 'c' }), lookup({ client: 'c', service: 'a' })]
    expect(found([...registered('a', 'b', 'c'), ...events])).toEqual(['cycle a (b) (c) 3'])
  })

  it('is no service that looks itself up', () => {
    expect(found([...registered('a'), lookup({ client: 'a', service: 'a' })])).toEqual([])
  })

  it('is a look-up of what nobody registers, and by whom', () => {
    expect(found([...registered('cart'), lookup({}), lookup({ service: 'ghost', client: 'cart' }), lookup({ service: 'ghost' })]))
      .toEqual(['unregistered_lookup ghost (cart) (web) 2'])
  })

  it('is a registration that nobody looks up, as long as it has instances', () => {
    expect(found(registered('cart'))).toEqual(['unused_registration cart'])
    expect(found([registration({}), registration({ operation: 'DEREGISTER' }, T0 + 1)])).toEqual([])
  })

  it('is nothing about what is declared and never looked up: who finds it in another way says so', () => {
    expect(found([...registered('cart'), lookup({ weight: 0 }), lookup({ service: 'ghost', weight: 0 })])).toEqual([])
  })

  it('is a service on which more than half of all others depend, however indirectly', () => {
    const services = ['db', 'a', 'b', 'c', 'd', 'e']
    const events = [lookup({ client: 'a', service: 'db' }), lookup({ client: 'b', service: 'a' }), lookup({ client: 'c', service: 'b' })]
    const leaves = [lookup({ client: 'd', service: 'c' }), lookup({ client: 'a', service: 'd' }), lookup({ client: 'b', service: 'e' })]
    const points = (all: readonly Appended[]) => found([...registered(...services), ...all]).filter(text => text.startsWith('single'))
    expect(points(events)).toEqual(['single_point_of_failure db 0.6'])
    expect(points([...events, ...leaves]).map(text => text.split(' ')[1])).toEqual(['a', 'b', 'c', 'd', 'db', 'e'])
  })

  it('is nothing of what stands for many: those without a name, and those that had no room', () => {
    const many = ['__overflow__', '__dropped__', '__all__']
    const events = many.flatMap(name => [lookup({ client: 'cart', service: name }), lookup({ client: name, service: 'cart', cache: 'STALE' })])
    expect(found([...registered('cart', '__all__'), ...events, lookup({ client: '', service: 'cart' }), lookup({ client: 'web' })])).toEqual([])
  })

  it('is a client that goes past its cache more often than not', () => {
    expect(found([...registered('cart'), look('BYPASS', 3), look('HIT', 2), look('UNKNOWN', 50)])).toEqual(['cache_bypass web (cart) 0.6'])
    expect(found([...registered('cart'), look('BYPASS', 2), look('HIT', 2)])).toEqual([])
  })

  it('is a stale answer, for five minutes', () => {
    const events = [...registered('cart'), lookup({ cache: 'STALE' }), lookup({ cache: 'HIT', weight: 3 })]
    expect(found(events)).toEqual(['stale_answers cart (web) 0.25'])
    expect(found(events, T0 + 10 * MINUTE)).toEqual([])
  })

  it('is found in active edges alone, and not of clients that do not say who they are', () => {
    expect(found([...registered('cart'), lookup({ service: 'ghost' }), lookup({})], T0 + 16 * MINUTE)).toEqual([])
    expect(found([lookup({ client: '', clientNamespace: '', service: 'ghost' })])).toEqual([])
  })
})
