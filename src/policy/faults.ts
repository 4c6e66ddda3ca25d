import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml'
import type { z } from 'zod'
import { closest } from './closest.ts'
import type { PolicyFault } from './errors.ts'
import { ruleKeys } from './rule-schema.ts'
import { policySchema } from './schema.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** What is wrong with a policy, by what its schema found. A key that is not known is a fault of its own, and has its own line. */
export function faultsOf(issues: readonly Issue[], document: Document, lines: LineCounter): PolicyFault[] {
  const at = (path: Path, message: string): PolicyFault => ({ line: lineOf(document, path, lines), path: pathText(path), message })
  return issues.flatMap(issue => flat(issue, [])).flatMap(({ issue, path }) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map(key => at([...path, key], unknownKey(key, path)))
    return [at(path, messageOf(issue, document.getIn(path.map(String))))]
  })
}

/** The faults of a choice are those of the one that was meant: the one that got furthest. */
function flat(issue: Issue, before: Path): { issue: Issue; path: Path }[] {
  const path = [...before, ...issue.path]
  if (issue.code !== 'invalid_union') return [{ issue, path }]
  const fitting = issue.errors.filter(each => !each.some(({ code, path: inner }) => code === 'invalid_type' && inner.length === 0))
  const meant = fitting.filter(each => each.every(({ path: inner }) => inner.length > 0 || isObject(each))).at(-1)
  return meant === undefined ? [{ issue, path }] : meant.flatMap(each => flat(each, path))
}

function isObject(issues: readonly Issue[]): boolean {
  return issues.some(({ code }) => code === 'unrecognized_keys' || code === 'custom')
}

function unknownKey(key: string, path: Path): string {
  const known = knownKeys(path)
  const near = closest(key, known)
  if (near !== null) return `is not known; did you mean ${near}?`
  return `is not known; known here: ${known.join(', ')}`
}

function knownKeys(path: Path): string[] {
  const { shape } = policySchema
  if (path.length === 0) return Object.keys(shape)
  if (path[0] === 'rules') return ruleKeys
  const section = { levels: shape.levels, retention: shape.retention, budgets: shape.budgets }[String(path[0])]?.unwrap().shape
  if (section === undefined || path.length === 1) return Object.keys(section ?? {})
  return path[0] === 'budgets' ? Object.keys(shape.budgets.unwrap().shape[path[1] as 'edge'].unwrap().shape) : []
}

function messageOf(issue: Issue, found: unknown): string {
  const isShown = typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
  const given = isShown ? `, not '${found}'` : ''
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String)
    const near = typeof found === 'string' ? closest(found, values) : null
    return `must be one of ${values.join(', ')}${given}${near === null ? '' : `; did you mean ${near}?`}`
  }
  if (issue.code !== 'invalid_type' || issue.message.startsWith('must')) return `${issue.message}${given}`
  const expected = { array: 'a list', object: 'keys with values', string: 'a text', boolean: 'true or false' }[issue.expected as string]
  return `must be ${expected ?? issue.expected}${given}`
}

function pathText(path: Path): string {
  return path.reduce<string>((text, part) => typeof part === 'number' ? `${text}[${part}]` : `${text}${text && '.'}${String(part)}`, '')
}

/** Where a part of the file begins: its key, if it has one; the nearest thing around it, if it is not there. */
function lineOf(document: Document, path: Path, lines: LineCounter): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const part of path) {
    const holder = isAlias(node) ? node.resolve(document) : node
    const pair = isMap(holder) ? holder.items.find(({ key }) => isScalar(key) && String(key.value) === String(part)) : undefined
    node = pair === undefined ? (isSeq(holder) ? holder.items[Number(part)] : undefined) : pair.value
    offset = startOf(pair === undefined ? node : pair.key) ?? offset
    if (node === undefined) break
  }
  return lines.linePos(offset).line || 1
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined
}
