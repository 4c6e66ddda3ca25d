import { describe, expect, it } from 'vitest'
import { graphFilters, pathParameters } from '../../src/http/openapi/parameters.ts'
import { Query } from '../../src/http/query.ts'

describe('a parameter that is given empty', () => {
  it('is not given, whatever it is of: forms and dashboards send it so', () => {
    const query = new Query({ query: { namespace: '', service: '', depth: '', direction: '', since: '', failing: '' } }, graphFilters)
    expect([query.text('namespace'), query.text('service'), query.number('depth'), query.moment('since', 0), query.flag('failing', false)])
      .toEqual([undefined, undefined, undefined, undefined, false])
  })

  it('is missed where it must be given', () => {
    expect(() => new Query({ query: { from: '', to: 'shop/cart' } }, pathParameters)).toThrow('from must be given')
  })
})
