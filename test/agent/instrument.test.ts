import { beforeEach, describe, expect, it } from 'vitest'
import type { AgentError } from '../../src/agent/errors.ts'
import { ErrorOutlet } from '../../src/agent/error-outlet.ts'
import type { LookupFields } from '../../src/agent/fields.ts'
import { Instrumentation } from '../../src/agent/instrument.ts'

let micros: number
let recorded: LookupFields[]
let errors: AgentError[]
let instrumentation: Instrumentation

beforeEach(() => {
  micros = 0
  recorded = []
  errors = []
  const clock = { now: () => 0, micros: () => micros }
  const outlet = new ErrorOutlet(error => errors.push(error), clock)
  instrumentation = new Instrumentation({ recordLookup: lookup => recorded.push(lookup), errors: outlet, clock })
})

describe('an instrumented function', () => {
  it('gives its result, and is recorded with what was found and how long it took', async () => {
    const find = instrumentation.wrap(async (name: string) => {
      micros += 250
      return [`${name}-1`, `${name}-2`]
    }, ([name], found) => ({ service: name, instances: found?.length, cache: 'MISS' }))
    expect(await find('cart')).toEqual(['cart-1', 'cart-2'])
    expect(recorded).toEqual([
      { service: 'cart', instances: 2, cache: 'MISS', outcome: 'SUCCESS', errorCategory: 'NONE', errorCode: '', durationMicros: 250 },
    ])
  })

  it('rejects as it did, and is recorded as a failure', async () => {
    const failure = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const find = instrumentation.wrap(() => Promise.reject(failure), () => ({ service: 'cart' }))
    await expect(find()).rejects.toBe(failure)
    const lookup = { service: 'cart', outcome: 'FAILURE', errorCategory: 'CONNECTION', errorCode: 'ECONNREFUSED', instances: -1 }
    expect(recorded).toMatchObject([lookup])
  })

  it('that found nobody is recorded as empty, and what describe says goes before all', async () => {
    const none = instrumentation.wrap(async () => [], () => ({ service: 'cart', instances: 0 }))
    await none()
    const stale = { service: 'cart', outcome: 'FAILURE', errorCode: 'STALE', durationMicros: 9 } as const
    const told = instrumentation.wrap(async () => [], () => stale)
    await told()
    expect(recorded).toMatchObject([{ outcome: 'EMPTY', instances: 0 }, { outcome: 'FAILURE', errorCode: 'STALE', durationMicros: 9 }])
  })

  it('keeps its this', async () => {
    const registry = {
      size: 3,
      find: instrumentation.wrap(async function (this: unknown) { return (this as { size: number }).size }, () => ({ service: 'cart' })),
    }
    expect(await registry.find()).toBe(3)
  })

  it('throws as it did where it throws, and is recorded', () => {
    const find = instrumentation.wrap((): Promise<void> => { throw new RangeError('open circuit') }, () => ({ service: 'cart' }))
    expect(() => find()).toThrow(RangeError)
    expect(recorded).toMatchObject([{ outcome: 'FAILURE', errorCategory: 'OTHER', errorCode: 'RangeError' }])
  })

  it('that promises nothing gives its plain value', () => {
    const find = instrumentation.wrap((() => 'here') as unknown as () => Promise<string>, () => ({ service: 'cart' }))
    expect(find()).toBe('here')
    expect(recorded).toMatchObject([{ service: 'cart', outcome: 'SUCCESS' }])
  })

  it('asks a lazy promise once', async () => {
    const asked: unknown[] = []
    const lazy = new Proxy(Promise.resolve('row'), {
      get(target, key) {
        asked.push(key)
        return target.then.bind(target)
      },
    })
    const find = instrumentation.wrap(() => lazy, () => ({ service: 'cart' }))
    expect(await find()).toBe('row')
    expect(asked).toEqual(['then'])
  })

  it('is not recorded where describe says null', async () => {
    const find = instrumentation.wrap(async (name: string) => name, ([name]) => name === 'health' ? null : { service: name })
    await Promise.all([find('health'), find('cart')])
    expect(recorded.map(({ service }) => service)).toEqual(['cart'])
  })

  it('does as it did where describe throws, and the host is told', async () => {
    const find = instrumentation.wrap(async () => 'found', () => { throw new Error('oops') })
    expect(await find()).toBe('found')
    expect(recorded).toEqual([])
    expect(errors.map(({ code }) => code)).toEqual(['CALLBACK_THREW'])
  })
})
