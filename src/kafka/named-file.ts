import { readFileSync } from 'node:fs'

/** A file that an option names. It is read whenever what is in it is needed: secrets and certificates are exchanged while we run. */
export class NamedFile {
  readonly path: string

  /** Throws an Error if it cannot be read, or there is nothing in it. */
  constructor(path: string) {
    this.path = path
    this.read()
  }

  /** Its text without the line end that editors leave. Throws as the constructor does. */
  read(): string {
    const content = this.#text()
    if (content === '') throw new Error('must be a file with something in it')
    return content
  }

  #text(): string {
    try {
      return readFileSync(this.path, 'utf8').trimEnd()
    } catch (error) {
      throw new Error('must be a readable file', { cause: error })
    }
  }
}

export function optionalFile(path: string): NamedFile | null {
  return path === '' ? null : new NamedFile(path)
}
