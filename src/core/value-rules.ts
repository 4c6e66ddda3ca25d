import { MAX_STRING_BYTES } from '../contract/bounds.ts'
import { UNKNOWN_CLIENT } from './names.ts'

/** The fields that rules are for. `namespace`: of the service and of the client. */
export const ruleFields = ['namespace', 'service', 'client', 'version', 'zone'] as const
export type RuleField = (typeof ruleFields)[number]

export const ruleActions = ['keep', 'drop', 'replace', 'lowercase'] as const
export type RuleAction = (typeof ruleActions)[number]

/** What becomes of a value that matches. `match`: a regular expression that fits the whole value, as `expressionOf` reads it. */
export type ValueRule = { readonly fields: readonly RuleField[]; readonly match: string } & (
  | { readonly action: 'keep' | 'drop' | 'lowercase' }
  /** `replacement`: as `String.prototype.replace` reads it. */
  | { readonly action: 'replace'; readonly replacement: string }
)

/** Where values are counted on that a rule drops, or leaves nothing of. */
export const DROPPED = '__dropped__'
/** Where values are counted on that are over their budget, and whose level is switched off. */
export const OVERFLOW = '__overflow__'
export const ALL = '__all__'

const ours: readonly string[] = [DROPPED, OVERFLOW, ALL]

/** Whether a service or client is one, and no name under which several are counted. */
export function isOne(name: string): boolean {
  return name !== UNKNOWN_CLIENT && !ours.includes(name)
}

interface CompiledRule {
  readonly rule: ValueRule
  readonly expression: RegExp
}

interface FieldRules {
  readonly rules: readonly CompiledRule[]
  /** What values were made into: the built-in rules take 0.9 µs for a name, this 0.03 (Node 24). */
  readonly made: Map<string, string>
}

/** Values remembered of a field; then it forgets them all. */
const REMEMBERED = 4_096

/**
 * The expression of a rule: it matches whole values only, and its dot any character. Throws a SyntaxError for what is none. Without the
 * flags `g` and `y`, it remembers nothing from one value to the next.
 */
export function expressionOf(match: string): RegExp {
  const alone = new RegExp(match, FLAGS) // first by itself: `a)|(b` is one only between brackets
  return new RegExp(`^(?:${alone.source})$`, FLAGS)
}

const FLAGS = 'su'

/**
 * Rewrites names before they are counted. Deterministic: the same rules make the same of a value, whenever and wherever. A value that is
 * empty has a meaning of its own (see names.ts) and is never touched, nor is one of our own names.
 */
export class ValueRules {
  /** The rules as text: the same for rules that do the same in the same order. */
  readonly fingerprint: string
  readonly #byField: Readonly<Record<RuleField, FieldRules>>

  /** Throws a SyntaxError where a rule's `match` is no regular expression. */
  constructor(rules: readonly ValueRule[]) {
    this.fingerprint = JSON.stringify(rules.map(textOf))
    const compiled = rules.map(rule => ({ rule, expression: expressionOf(rule.match) }))
    const forField = (field: RuleField): FieldRules => (
      { rules: compiled.filter(({ rule }) => rule.fields.includes(field)), made: new Map() }
    )
    this.#byField = {
      namespace: forField('namespace'), service: forField('service'), client: forField('client'), version: forField('version'),
      zone: forField('zone'),
    }
  }

  /** Whether a field's values all stay as they are. */
  isEmptyFor(field: RuleField): boolean {
    return this.#byField[field].rules.length === 0
  }

  /** What a value is counted as: it keeps the contract's bounds, and is empty only if it came so. */
  apply(field: RuleField, value: string): string {
    const { rules, made: known } = this.#byField[field]
    if (value === '' || rules.length === 0 || ours.includes(value)) return value
    const held = known.get(value)
    if (held !== undefined) return held
    if (known.size >= REMEMBERED) known.clear()
    const made = madeBy(rules, value)
    known.set(value, made)
    return made
  }
}

function madeBy(rules: readonly CompiledRule[], value: string): string {
  let made = value
  for (const { rule, expression } of rules) {
    if (!expression.test(made)) continue
    if (rule.action === 'keep') return made
    if (rule.action === 'drop') return DROPPED
    // Cut at every step: rules that double a value would otherwise make it as large as memory.
    made = cut(rule.action === 'replace' ? made.replace(expression, rule.replacement) : made.toLowerCase())
    if (made === '') return DROPPED
  }
  return made
}

function textOf(rule: ValueRule): readonly unknown[] {
  const fields = ruleFields.filter(field => rule.fields.includes(field))
  return [fields, rule.match, rule.action, ...(rule.action === 'replace' ? [rule.replacement] : [])]
}

/** The text as far as the contract lets a string go, ending between two code points. */
function cut(text: string): string {
  if (text.length * 3 <= MAX_STRING_BYTES) return text
  let [bytes, end] = [0, 0]
  for (const character of text) {
    bytes += bytesOf(character.codePointAt(0) ?? 0)
    if (bytes > MAX_STRING_BYTES) return text.slice(0, end)
    end += character.length
  }
  return text
}

/** Of a code point in UTF-8. */
function bytesOf(codePoint: number): number {
  if (codePoint < 0x80) return 1
  if (codePoint < 0x800) return 2
  return codePoint < 0x10000 ? 3 : 4
}
