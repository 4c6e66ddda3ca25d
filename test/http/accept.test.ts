import { describe, expect, it } from 'vitest'
import { formatFor } from '../../src/http/accept.ts'

describe('the format of a scrape', () => {
  it.each<[string | undefined, string, string]>([
    [undefined, 'text', 'nothing is asked for'],
    ['*/*', 'text', 'anything will do, as for curl'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text', 'a browser asks'],
    ['application/json', 'text', 'we have nothing of what is asked for'],
    ['application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,'
      + 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'openmetrics', 'Prometheus 2.42 asks'],
    ['application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,'
      + 'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2', 'openmetrics', 'Prometheus 3 asks'],
    ['text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.3,*/*;q=0.1',
      'text', 'a Prometheus set to prefer text asks'],
    ['application/openmetrics-text', 'openmetrics', 'any version will do'],
    ['Application/OpenMetrics-Text; Version="1.0.0"; charset=utf-8', 'openmetrics', 'it is spelt another way'],
    ['application/openmetrics-text;version=0.0.1', 'text', 'only a version that we do not speak is asked for'],
    ['application/openmetrics-text;q=0, text/plain', 'text', 'OpenMetrics is refused'],
    ['application/openmetrics-text;q=high', 'text', 'the quality is no number'],
    [',;=,', 'text', 'the header is nonsense'],
  ])('for %s is %s: %s', (accept, format) => {
    expect(formatFor(accept)).toBe(format)
  })
})
