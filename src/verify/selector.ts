/** A text that is no series selector, and where that shows. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
  readonly code = 'bad_selector'
}

/** What selects series: a name, and values of some of their labels. */
export interface Selector {
  name: string
  labels: ReadonlyMap<string, string>
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const OPERATOR = /=~|!=|!~|=/y
const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v', '\\': '\\', '"': '"', "'": "'" }

/**
 * Reads `name{label="value",…}` as Prometheus writes and reads it: values in double quotes, single quotes or backticks, with the escapes of
 * PromQL. Only `=` selects. Throws a SelectorError.
 */
export function parseSelector(text: string): Selector {
  const reader = new Reader(text)
  const name = reader.match(NAME) ?? reader.fail('it must begin with the name of a metric')
  const labels = new Map<string, string>()
  if (reader.skip('{')) {
    while (!reader.skip('}')) {
      const label = reader.match(NAME) ?? reader.fail('the name of a label, or }, must come')
      const operator = reader.match(OPERATOR) ?? reader.fail(`= must come after ${label}`)
      if (operator !== '=') reader.fail(`${operator} does not select one series: use =`)
      labels.set(label, reader.quoted())
      if (!reader.skip(',') && !reader.sees('}')) reader.fail(', or } must come')
    }
  }
  if (!reader.isAtEnd) reader.fail('nothing may follow')
  return { name, labels }
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    this.#skipSpace()
    return this.#at === this.#text.length
  }

  match(pattern: RegExp): string | null {
    this.#skipSpace()
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? null
    this.#at += found?.length ?? 0
    return found
  }

  sees(character: string): boolean {
    this.#skipSpace()
    return this.#text[this.#at] === character
  }

  skip(character: string): boolean {
    const seen = this.sees(character)
    if (seen) this.#at++
    return seen
  }

  quoted(): string {
    this.#skipSpace()
    const quote = this.#text[this.#at] ?? ''
    if (quote === '' || !'"\'`'.includes(quote)) this.fail('a value in quotes must come: does the shell take them away? Put the whole into \' \'')
    this.#at++
    let value = ''
    for (let character = this.#next(); character !== quote; character = this.#next()) {
      value += character === '\\' && quote !== '`' ? this.#escaped() : character
    }
    return value
  }

  fail(what: string): never {
    throw new SelectorError(`${this.#text} is no series: at character ${this.#at + 1}, ${what}`)
  }

  #escaped(): string {
    const character = this.#next()
    if (character === 'x') return this.#code(2, 16)
    if (character === 'u') return this.#code(4, 16)
    if (character === 'U') return this.#code(8, 16)
    return escapes[character] ?? this.fail(`\\${character} is no escape`)
  }

  #code(digits: number, radix: number): string {
    const text = this.#text.slice(this.#at, this.#at + digits)
    if (text.length < digits || !/^[0-9a-fA-F]+$/.test(text)) this.fail(`${digits} hexadecimal digits must come`)
    this.#at += digits
    const code = Number.parseInt(text, radix)
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : this.fail(`${text} is no character`)
  }

  #next(): string {
    const character = this.#text[this.#at++]
    return character ?? this.fail('the closing quote is missing')
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }
}
