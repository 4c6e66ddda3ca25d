import { parseAst } from 'vitest/node'

/** A file of `src`, its path as seen from there: `core/fold.ts`. */
export interface SourceFile {
  path: string
  text: string
}

export interface Import {
  specifier: string
  /** Gone once the types are stripped. `import { type A } from 'x'` is not: it still loads x. */
  typeOnly: boolean
}

/** What a file says, as far as the rules ask. */
export interface Source {
  imports: Import[]
  /** Each told as a fault: `uses any`. */
  forbidden: string[]
  /** Uses of the clock, of randomness, of the event loop and of Node's globals: what pure code must not have. */
  impure: string[]
}

interface Node {
  type: string
  [key: string]: unknown
}

const ambient = new Set([
  'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'Promise', 'process', 'crypto', 'fetch', 'globalThis',
  'Buffer',
])
const impureMembers = new Set(['Date.now', 'Math.random'])

export function readSource({ text }: SourceFile): Source {
  const source: Source = { imports: [], forbidden: [], impure: [] }
  visit(parseAst(text, { lang: 'ts' }), node => {
    source.imports.push(...importsOf(node))
    source.forbidden.push(...forbiddenIn(node))
    source.impure.push(...impureIn(node))
  })
  return source
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, see)
  if (!isNode(value)) return
  see(value)
  // A property's name is no use of what is called the same.
  const named = value.computed !== true && ['MemberExpression', 'Property', 'MethodDefinition', 'TSPropertySignature'].includes(value.type)
  for (const [key, part] of Object.entries(value)) {
    if (!(named && key === (value.type === 'MemberExpression' ? 'property' : 'key') && value.shorthand !== true)) visit(part, see)
  }
}

function importsOf(node: Node): Import[] {
  const { type, source, importKind, exportKind } = node
  if (type === 'TSImportType') return [{ specifier: literal(source), typeOnly: true }]
  if (type === 'ImportExpression') return [{ specifier: literal(source), typeOnly: false }]
  const declares = type === 'ImportDeclaration' || type === 'ExportNamedDeclaration' || type === 'ExportAllDeclaration'
  return declares && isNode(source) ? [{ specifier: literal(source), typeOnly: importKind === 'type' || exportKind === 'type' }] : []
}

function forbiddenIn(node: Node): string[] {
  const isDefault = node.type === 'ExportDefaultDeclaration' || (node.type === 'ExportSpecifier' && nameOf(node.exported) === 'default')
  return [
    ...(isDefault ? ['has a default export'] : []),
    ...(node.type === 'TSAnyKeyword' ? ['uses any'] : []),
    ...(node.type === 'TSNonNullExpression' || node.definite === true ? ['uses a non-null !'] : []),
  ]
}

function impureIn(node: Node): string[] {
  const { type, callee, object, property } = node
  if (type === 'Identifier' && ambient.has(nameOf(node))) return [nameOf(node)]
  const member = `${nameOf(object)}.${nameOf(property)}`
  if (type === 'MemberExpression') return impureMembers.has(member) ? [member] : []
  const isBare = Array.isArray(node.arguments) && node.arguments.length === 0
  if (type === 'NewExpression' && nameOf(callee) === 'Date' && isBare) return ['new Date()']
  if (type === 'CallExpression' && nameOf(callee) === 'Date') return ['Date()']
  return node.async === true || node.await === true || type === 'AwaitExpression' ? ['async'] : []
}

function nameOf(node: unknown): string {
  if (!isNode(node)) return ''
  return String(node.type === 'Literal' ? node.value : node.name ?? '')
}

/** The text of a specifier; one that is computed can be held to nothing, and is told as such. */
function literal(source: unknown): string {
  return isNode(source) && source.type === 'Literal' ? String(source.value) : '(computed)'
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
