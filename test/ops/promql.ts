/** A series asked for by name, and by what of its labels. */
export interface Selector {
  name: string
  matchers: { label: string; operator: string; value: string }[]
}

/** Labels that something is grouped, joined or told apart by, and the selectors that it is about. */
export interface Grouping {
  labels: string[]
  selectors: Selector[]
}

export interface Query {
  selectors: Selector[]
  groupings: Grouping[]
}

const TOKEN = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[A-Za-z_][\w:]*|[\d.]+\w*|=~|!~|[!=<>]=|\S/g
const GROUPINGS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'])
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan'])
const NAME = /^[A-Za-z_]/

/**
 * What a PromQL expression asks for. It reads names, matchers and groupings (written before what they group: `sum by (…) (…)`), and
 * leaves syntax to promtool. Throws for a selector without a name.
 */
export function readQuery(expression: string): Query {
  const tokens = expression.match(TOKEN) ?? []
  const at: { selector: Selector; index: number }[] = []
  const grouped: { labels: string[]; from: number; to: number }[] = []
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] ?? ''
    if (token === '{') throw new Error(`${expression} selects series without naming them`)
    if (GROUPINGS.has(token)) {
      const end = closing(tokens, index + 1)
      const labels = tokens.slice(index + 2, end).filter(text => text !== ',')
      grouped.push({ labels, from: end, to: tokens[end + 1] === '(' ? closing(tokens, end + 1) : tokens.length })
      index = end
    } else if (NAME.test(token) && !WORDS.has(token.toLowerCase()) && !isCall(tokens[index + 1])) {
      const end = tokens[index + 1] === '{' ? closing(tokens, index + 1) : index
      at.push({ selector: { name: token, matchers: matchersOf(tokens.slice(index + 2, end)) }, index })
      index = end
    }
  }
  const within = (from: number, to: number): Selector[] =>
    at.filter(({ index }) => index > from && index < to).map(({ selector }) => selector)
  return {
    selectors: within(-1, tokens.length),
    groupings: grouped.map(({ labels, from, to }) => ({ labels, selectors: within(from, to) })),
  }
}

/** Whether what stands before `next` is a function, or an operator as in `sum by (…) (…)`. */
function isCall(next: string | undefined): boolean {
  return next === '(' || next === 'by' || next === 'without'
}

/** Index of the bracket that closes the one at `open`. */
function closing(tokens: readonly string[], open: number): number {
  let depth = 0
  for (let index = open; index < tokens.length; index++) {
    if (tokens[index] === '(' || tokens[index] === '{') depth++
    if ((tokens[index] === ')' || tokens[index] === '}') && --depth === 0) return index
  }
  throw new Error(`a bracket is not closed in ${tokens.join(' ')}`)
}

function matchersOf(tokens: readonly string[]): Selector['matchers'] {
  return tokens.flatMap((token, index) => index % 4 === 0
    ? [{ label: token, operator: tokens[index + 1] ?? '', value: (tokens[index + 2] ?? '').slice(1, -1) }]
    : [])
}
