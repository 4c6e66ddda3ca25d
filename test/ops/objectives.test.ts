import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { objectiveFile, objectiveGroups, shippedObjectives } from '../../ops/prometheus/objective-rules.ts'
import { readObjectives } from '../../ops/prometheus/objectives.ts'

const shipped = readFileSync(new URL('../../ops/prometheus/objective-rules.yml', import.meta.url), 'utf8')
const others = 'default: { success: 0.999, latency: { ratio: 0.99, seconds: 0.1 } }\n'

describe('the table of objectives', () => {
  it('is made into the rules that are shipped: run node ops/prometheus/write.ts', () => {
    expect(shipped).toBe(objectiveFile(shippedObjectives()))
    expect(shippedObjectives()).toEqual([{ success: 0.999, latency: { ratio: 0.99, seconds: 0.1 } }])
  })

  it('is read from one service over a namespace to all others, in whatever order its rows stand', () => {
    const rows = 'rows: [{ namespace: shop, success: 0.99 }, { namespace: shop, service: cart, latency: { ratio: 0.9, seconds: 1 } }]'
    expect(readObjectives(`${others}${rows}`)).toEqual([
      { namespace: 'shop', service: 'cart', latency: { ratio: 0.9, seconds: 1 } }, { namespace: 'shop', success: 0.99 },
      { success: 0.999, latency: { ratio: 0.99, seconds: 0.1 } },
    ])
  })

  it.each([
    ['rows: [{ namespace: shop, success: 1 }]', /success/],
    ['rows: [{ namespace: shop, latency: { ratio: 0.99, seconds: 0.2 } }]', /must be a bound of the histogram: 0.0001,/],
    ['rows: [{ service: cart, success: 0.9 }]', /namespace/],
    ['rows: [{ namespace: shop, sucess: 0.9 }]', /sucess/],
    ['rows: [{ namespace: \'a"b\', success: 0.9 }]', /namespace/],
    ['rows: [{ namespace: shop, success: 0.9 }, { namespace: shop, success: 0.8 }]', /two rows for shop\//],
  ])('refuses %s', (rows, message) => {
    expect(() => readObjectives(`${others}${rows}`)).toThrow(message)
  })

  it('finds a bucket as Prometheus 2 and 3 write its bound', () => {
    const rules = objectiveGroups([{ success: 0.9, latency: { ratio: 0.9, seconds: 1 } }]).flatMap(group => group.rules)
    expect(rules.find(({ record }) => record === 'service:discovery_lookups_slow:rate5m')?.expr).toContain('le=~"1|1.0"')
  })
})
