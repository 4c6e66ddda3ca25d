import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { ConfigError } from '../../config.ts'
import { readWebConfig, type WebConfig } from './read.ts'

/** How soon a change of the files is seen, at the latest; it costs one stat of each. */
const LOOK_MS = 1_000

export interface Watching {
  /** What was made of the files so far. */
  knows: WebConfig
  onChange: (config: WebConfig) => void
  /** Told once of each fault that keeps the files from being used; what was read before stands. */
  onFault: (error: unknown) => void
  /** Milliseconds between two looks. */
  interval?: number
}

/** A web configuration file, and what was last read of it. */
export class WebConfigFile {
  readonly path: string
  #current: WebConfig

  /** Throws a ConfigError with all that is wrong. */
  constructor(path: string) {
    this.path = path
    this.#current = readWebConfig(path)
  }

  get current(): WebConfig {
    return this.#current
  }

  /**
   * Reads it anew whenever it, a certificate, a key or a list of authorities changes. Gives how to stop. They are looked at one by one, since
   * what Kubernetes mounts are links, whose exchange `fs.watch` misses. Several may watch: each is told of what is not as it `knows` it.
   */
  watch({ knows, onChange, onFault, interval = LOOK_MS }: Watching): () => void {
    const stopped = new AbortController()
    let timer: NodeJS.Timeout | undefined
    let [known, seen, fault] = [knows, '', '']
    const look = async (): Promise<void> => {
      const state = await stateOf(this.#current.files)
      if (stopped.signal.aborted) return
      // A faulty file may name others that would mend it, and that nobody looks at yet.
      if (state !== seen || fault !== '') {
        const error = this.#read()
        if (error !== null && error.message !== fault) onFault(error)
        fault = error?.message ?? ''
      }
      seen = state
      if (!isDeepStrictEqual(this.#current, known)) onChange(this.#current)
      known = this.#current
      timer = setTimeout(() => { void look() }, interval).unref()
    }
    void look()
    return () => {
      stopped.abort()
      clearTimeout(timer)
    }
  }

  /** Gives what is wrong with it. */
  #read(): Error | null {
    try {
      const config = readWebConfig(this.path)
      refuseRestart(this.#current, config)
      this.#current = config
      return null
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }
}

/** Whether TLS and HTTP/2 are spoken is settled when the address is listened on. */
function refuseRestart(former: WebConfig, next: WebConfig): void {
  if ((former.tls === null) !== (next.tls === null)) throw new ConfigError(['TLS cannot be switched on or off while it runs: restart it'])
  if (former.tls !== null && former.http2 !== next.http2) throw new ConfigError(['http2 cannot be changed while it runs: restart it'])
}

/** Changes when a file does, also when another is put in its place, at once or by a link. */
async function stateOf(files: readonly string[]): Promise<string> {
  const states = await Promise.all(files.map(async file => {
    try {
      const { ino, size, mtimeMs, ctimeMs } = await stat(file)
      return [file, ino, size, mtimeMs, ctimeMs]
    } catch {
      return [file]
    }
  }))
  return JSON.stringify(states)
}
