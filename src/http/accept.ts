/** The formats of `/metrics`. */
export type MetricsFormat = 'text' | 'openmetrics'

interface Range {
  type: string
  version: string | undefined
  quality: number
}

/**
 * Which format a scraper likes best by its `Accept` header (RFC 9110, section 12.5.1): OpenMetrics 1.0 if it is named and nothing that the
 * text format satisfies is liked better, otherwise text, which every scraper reads. Parameters such as Prometheus 3's `escaping` are let
 * pass, for which reason no library is asked: to them, a range with a parameter that an offer lacks does not match.
 */
export function formatFor(accept: string | undefined): MetricsFormat {
  const ranges = (accept ?? '').split(',').map(parseRange)
  const openMetrics = best(ranges, ['application/openmetrics-text'], '1.0.0')
  const text = best(ranges, ['text/plain', 'text/*', '*/*'], '0.0.4')
  return openMetrics > 0 && openMetrics >= text ? 'openmetrics' : 'text'
}

function best(ranges: readonly Range[], types: readonly string[], version: string): number {
  return ranges
    .filter(range => types.includes(range.type) && (range.version ?? version) === version)
    .reduce((highest, { quality }) => Math.max(highest, quality), 0)
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map(part => part.trim().toLowerCase())
  const values = new Map(parameters.map(parameter => {
    const [name = '', value = ''] = parameter.split('=').map(part => part.trim())
    return [name, value.replaceAll('"', '')]
  }))
  const quality = Number(values.get('q') ?? 1)
  return { type, version: values.get('version'), quality: Number.isNaN(quality) ? 0 : quality }
}
