/** One line of a scrape. */
export interface Sample {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
}

/** A scrape in Prometheus' text format 0.0.4 (its "Exposition formats" page). */
export interface Exposition {
  /** Type by family, as the TYPE lines say. */
  types: ReadonlyMap<string, string>
  samples: readonly Sample[]
}

const metricName = /([a-zA-Z_:][a-zA-Z0-9_:]*)\s*/y
const label = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*|(?=\}))/y
const typeLine = /^#\s*TYPE\s+(\S+)\s+(\S+)\s*$/

/** Reads a scrape. Throws with the line's number at the first line that is not of the format. */
export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>()
  const samples: Sample[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const [, family, type] = typeLine.exec(line) ?? []
    if (family !== undefined && type !== undefined) types.set(family, type)
    if (line.trim() === '' || line.startsWith('#')) continue
    const sample = parseSample(line)
    if (sample === null) throw new Error(`line ${index + 1} of the scrape is no sample: ${line}`)
    samples.push(sample)
  }
  return { types, samples }
}

/** The families of a scrape that have a sample. A histogram's and a summary's samples carry suffixes. */
export function familiesWithSamples({ types, samples }: Exposition): Set<string> {
  const families = samples.map(({ name }) => (types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '')))
  return new Set(families)
}

function parseSample(line: string): Sample | null {
  const [begin = '', name] = matchAt(metricName, line, 0) ?? []
  if (name === undefined) return null
  const labels: Record<string, string> = {}
  let at = begin.length
  if (line[at] === '{') {
    at++
    for (let match = matchAt(label, line, at); match !== null; match = matchAt(label, line, at)) {
      labels[match[1] ?? ''] = unescape(match[2] ?? '')
      at += match[0].length
    }
    if (line[at++] !== '}') return null
  }
  const [, number] = /^\s*(\S+)(?:\s+-?\d+)?\s*$/.exec(line.slice(at)) ?? []
  const value = toNumber(number ?? '')
  return value === null ? null : { name, labels, value }
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(line)
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}

function toNumber(text: string): number | null {
  if (text === 'NaN') return NaN
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return text === '' || Number.isNaN(Number(text)) ? null : Number(text)
}
