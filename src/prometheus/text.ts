/** The two formats of a page: Prometheus' text format 0.0.4, and OpenMetrics 1.0. */
export type Format = 'text' | 'openmetrics'

export const contentTypes: Record<Format, string> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** What a family's metadata lines say. `unit`: empty for none. */
export interface Metadata {
  name: string
  type: string
  help: string
  unit: string
}

/** The lines before a family's samples. OpenMetrics names a counter without the `_total` that its samples carry. */
export function metadataText({ name, type, help, unit }: Metadata, format: Format): string {
  if (format === 'text') return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`
  const family = type === 'counter' ? name.replace(/_total$/, '') : name
  const unitLine = unit === '' ? '' : `# UNIT ${family} ${unit}\n`
  return `# TYPE ${family} ${type}\n${unitLine}# HELP ${family} ${escapeLabelValue(help)}\n`
}

export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}

/** The value of an `le` or `quantile` label: OpenMetrics wants a float to look like one (`1.0`), the text format has it as it comes. */
export function boundText(bound: number, format: Format): string {
  const text = numberText(bound)
  return format === 'openmetrics' && Number.isInteger(bound) ? `${text}.0` : text
}

const BACKSLASH = 0x5c
const QUOTE = 0x22
const NEWLINE = 0x0a

/** Escapes a label value; hardly one needs it, so the common case looks at each character once and allocates nothing. */
export function escapeLabelValue(value: string): string {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (code === BACKSLASH || code === QUOTE || code === NEWLINE) return escapeHelp(value).replaceAll('"', '\\"')
  }
  return value
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
