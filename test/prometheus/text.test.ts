import { describe, expect, it } from 'vitest'
import { boundText, escapeLabelValue, metadataText, numberText } from '../../src/prometheus/text.ts'

describe('the text of a page', () => {
  it('spells numbers as Prometheus reads them', () => {
    expect([0, -1.5, 1e21, NaN, Infinity, -Infinity].map(numberText)).toEqual(['0', '-1.5', '1e+21', 'NaN', '+Inf', '-Inf'])
  })

  it('writes bounds as they come for the text format, and as floats for OpenMetrics', () => {
    const bounds = [0, 0.0001, 0.00025, 1, 2.5, 100, Infinity]
    expect(bounds.map(bound => boundText(bound, 'text'))).toEqual(['0', '0.0001', '0.00025', '1', '2.5', '100', '+Inf'])
    expect(bounds.map(bound => boundText(bound, 'openmetrics'))).toEqual(['0.0', '0.0001', '0.00025', '1.0', '2.5', '100.0', '+Inf'])
  })

  it('escapes backslash, quote and newline in label values, and nothing else', () => {
    expect(escapeLabelValue('C:\\dir "x"\nnext')).toBe('C:\\\\dir \\"x\\"\\nnext')
    expect(escapeLabelValue('\\n')).toBe('\\\\n')
    const plain = 'ünï€😀 {a=1,b}\t\r\0\u2028#'
    expect(escapeLabelValue(plain)).toBe(plain)
  })

  it('names an OpenMetrics counter without the suffix of its samples, and tells its unit', () => {
    const counter = { name: 'cpu_seconds_total', type: 'counter', help: 'Time "spent".', unit: 'seconds' }
    const lines = ['# TYPE cpu_seconds counter', '# UNIT cpu_seconds seconds', '# HELP cpu_seconds Time \\"spent\\".', '']
    expect(metadataText(counter, 'openmetrics').split('\n')).toEqual(lines)
    expect(metadataText(counter, 'text')).toBe('# HELP cpu_seconds_total Time "spent".\n# TYPE cpu_seconds_total counter\n')
  })

  it('keeps a help text on its line', () => {
    const gauge = { name: 'g', type: 'gauge', help: 'one\\two\nthree', unit: '' }
    expect(metadataText(gauge, 'text')).toBe('# HELP g one\\\\two\\nthree\n# TYPE g gauge\n')
  })
})
