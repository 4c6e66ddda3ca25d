import { describe, expect, it } from 'vitest'
import { familiesWithSamples, parseExposition } from '../../demo/exposition.ts'

describe('a scrape in the text format', () => {
  it('gives names, labels and values', () => {
    const { samples } = parseExposition('discovery_lookups_total{namespace="shop",service="cart",instance=""} 12\nup 1\n')
    expect(samples).toEqual([
      { name: 'discovery_lookups_total', labels: { namespace: 'shop', service: 'cart', instance: '' }, value: 12 },
      { name: 'up', labels: {}, value: 1 },
    ])
  })

  it('has backslashes, quotes and line feeds escaped in label values', () => {
    const { samples } = parseExposition(String.raw`a{path="C:\\new",quote="say \"hi\"",lines="one\ntwo",brace="}, b=\"c"} 1`)
    expect(samples[0]?.labels).toEqual({ path: String.raw`C:\new`, quote: 'say "hi"', lines: 'one\ntwo', brace: '}, b="c' })
  })

  it('may have spaces, a comma after the last label, and timestamps', () => {
    const { samples } = parseExposition('a { x = "1" , } 3.5 1700000000000\n  \nb 4 -5')
    expect(samples).toEqual([{ name: 'a', labels: { x: '1' }, value: 3.5 }, { name: 'b', labels: {}, value: 4 }])
  })

  it('has infinities, not-a-numbers and exponents for values', () => {
    const { samples } = parseExposition('a +Inf\nb -Inf\nc NaN\nd 1e+06')
    expect(samples.map(({ value }) => value)).toEqual([Infinity, -Infinity, NaN, 1_000_000])
  })

  it.each(['a{x="1} 2', 'a{x=1} 2', 'a', 'a one', '{x="1"} 2', 'a{x="1" y="2"} 3', 'a 1 2 3'])('is refused with its line number: %s', line => {
    expect(() => parseExposition(`ok 1\n${line}\n`)).toThrow(`line 2 of the scrape is no sample: ${line}`)
  })

  it('tells which families have samples, histograms and summaries too', () => {
    const scrape = parseExposition([
      '# HELP h Help.', '# TYPE h histogram', 'h_bucket{le="+Inf"} 1', 'h_sum 2', 'h_count 1',
      '# TYPE lonely counter', '# TYPE page_count gauge', 'page_count 3',
    ].join('\n'))
    expect(scrape.types).toEqual(new Map([['h', 'histogram'], ['lonely', 'counter'], ['page_count', 'gauge']]))
    expect([...familiesWithSamples(scrape)]).toEqual(['h', 'page_count'])
  })
})
