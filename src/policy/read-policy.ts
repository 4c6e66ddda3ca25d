import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { defaultRules } from '../core/default-rules.ts'
import { defaultPolicy, type Policy } from '../core/policy.ts'
import { PolicyError, type PolicyFault } from './errors.ts'
import { faultsOf } from './faults.ts'
import { policySchema, type PolicyFile } from './schema.ts'

/** The policy in a file; an empty name: the defaults. Throws a PolicyError that lists every fault. */
export function loadPolicy(file: string): Policy {
  return file === '' ? defaultPolicy : readPolicy(textOf(file))
}

/** The policy that a text in YAML 1.2 gives, in the form of docs/policy.md. Throws a PolicyError that lists every fault. */
export function readPolicy(text: string): Policy {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const broken = [...document.errors, ...document.warnings].map(({ pos: [start], message }): PolicyFault => (
    { line: lines.linePos(start).line, path: '', message: `is not YAML as it should be: ${message}` }
  ))
  if (broken.length > 0) throw new PolicyError('policy_invalid', broken)
  const read = policySchema.safeParse(withoutNothing(valuesOf(document)))
  if (read.success) return policyOf(read.data)
  throw new PolicyError('policy_invalid', faultsOf(read.error.issues, document, lines).toSorted((a, b) => a.line - b.line))
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const message = `cannot read the policy file ${file}: ${(error as Error).message}; name one that is there, or none for the defaults`
    throw new PolicyError('policy_unreadable', [{ line: 1, path: '', message }], { cause: error })
  }
}

function valuesOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    const message = `cannot be put together: ${(error as Error).message}; write the values out instead of using aliases`
    throw new PolicyError('policy_invalid', [{ line: 1, path: '', message }], { cause: error })
  }
}

/** A key with nothing behind it leaves out what it is for, as does a file with nothing in it. */
function withoutNothing(value: unknown): unknown {
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null).map(([key, part]) => [key, withoutNothing(part)]))
}

function policyOf({ rules, levels, retention, budgets }: PolicyFile): Policy {
  return {
    rules: rules?.flatMap(rule => rule === 'defaults' || 'default' in rule ? defaultRules : [rule]) ?? defaultRules,
    levels,
    retention,
    budgets,
  }
}
