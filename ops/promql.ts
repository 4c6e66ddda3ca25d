import { parser } from '@prometheus-io/lezer-promql'

/** A series asked for by name, and by what of its labels. */
export interface Selector {
  name: string
  matchers: Matcher[]
}

export interface Matcher {
  label: string
  operator: string
  value: string
}

/** Labels that something is grouped, joined or told apart by, and the selectors that it is about. */
export interface Grouping {
  labels: string[]
  selectors: Selector[]
}

/** Both in the order of the text. */
export interface Query {
  selectors: Selector[]
  groupings: Grouping[]
}

type Node = ReturnType<typeof parser.parse>['topNode']

/** Throws for what is no PromQL, by Prometheus' own grammar (lezer-promql), and for a selector that names no series. */
export function readQuery(expression: string): Query {
  const tree = parser.parse(expression)
  const nodes: Node[] = []
  tree.iterate({
    enter: ({ node }) => {
      nodes.push(node)
    },
  })
  const wrong = nodes.find(({ type }) => type.isError)
  if (wrong) throw new Error(`${expression} is no PromQL from character ${wrong.from + 1} on`)

  const found = nodes
    .filter(({ name }) => name === 'VectorSelector')
    .map(({ from, to, node }) => ({ from, to, selectors: selectorsOf(node, expression) }))
  const within = (part: Node | null): Selector[] =>
    found.filter(({ from, to }) => part !== null && from >= part.from && to <= part.to).flatMap(({ selectors }) => selectors)
  return {
    selectors: within(tree.topNode),
    groupings: nodes
      .filter(({ name }) => name === 'GroupingLabels')
      .map(node => ({ labels: node.getChildren('LabelName').map(label => textOf(label, expression)), selectors: within(partOf(node)) })),
  }
}

/** What a list of labels is about: an aggregation, both sides of an `on`, or the side that a `group_left` takes labels from. */
function partOf(labels: Node): Node | null {
  const clause = labels.parent
  const whole = clause?.parent ?? null
  if (clause?.name !== 'MatchingModifierClause' || clause.getChild('GroupingLabels')?.from === labels.from) return whole
  return clause.getChild('GroupLeft') ? (whole?.lastChild ?? null) : (whole?.firstChild ?? null)
}

function selectorsOf(node: Node, expression: string): Selector[] {
  const matchers = (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map(matcher =>
    matcherOf(matcher, expression),
  )
  const name = node.getChild('Identifier')
  if (name) return [{ name: textOf(name, expression), matchers }]
  const named = matchers.find(({ label, operator }) => label === '__name__' && operator.startsWith('='))
  if (!named) throw new Error(`${expression} selects series without naming them`)
  return named.value.split('|').map(each => ({ name: each, matchers: matchers.filter(matcher => matcher !== named) }))
}

function matcherOf(node: Node, expression: string): Matcher {
  const [label = '', operator = '', value = ''] = ['LabelName', 'MatchOp', 'StringLiteral'].map(name =>
    textOf(node.getChild(name), expression),
  )
  return { label, operator, value: value.slice(1, -1) }
}

function textOf(node: Node | null, expression: string): string {
  return node ? expression.slice(node.from, node.to) : ''
}
