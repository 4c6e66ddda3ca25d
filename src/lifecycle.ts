import type { Logger } from 'pino'

/** Whatever is started pushes its own undo; stopping runs them backwards, each in its turn and none more than once. */
export class Lifecycle {
  readonly #log: Logger
  readonly #undo: { name: string; stop: () => unknown }[] = []
  #stopped: Promise<boolean> | null = null

  constructor(log: Logger) {
    this.#log = log
  }

  /** `name`: what is stopped, for the log. */
  onStop(name: string, stop: () => unknown): void {
    this.#undo.push({ name, stop })
  }

  /** Stops everything. Resolves with false if the deadline (milliseconds) passed first or something did not stop cleanly; never rejects. */
  stop(deadline: number): Promise<boolean> {
    this.#stopped ??= this.#stopWithin(deadline)
    return this.#stopped
  }

  async #stopWithin(deadline: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>(resolve => { timer = setTimeout(() => resolve(null), deadline).unref() })
    const clean = await Promise.race([this.#unwind(), late])
    clearTimeout(timer)
    if (clean === null) this.#log.error(`still stopping after ${deadline} ms, giving up`)
    return clean ?? false
  }

  async #unwind(): Promise<boolean> {
    let clean = true
    for (let last = this.#undo.pop(); last !== undefined; last = this.#undo.pop()) {
      try {
        this.#log.debug(`stopping ${last.name}`)
        await last.stop()
      } catch (error) {
        clean = false
        this.#log.error({ error }, `${last.name} did not stop cleanly`)
      }
    }
    return clean
  }
}
