import { ApiError, getJson } from './api.ts'
import { byId } from './element.ts'
import { ageText } from './units.ts'

/** Whether what is shown is of now: told in the head of the page, and in words where it is not. */
export class Status {
  readonly #state = byId('state', HTMLElement)
  readonly #alert = byId('alert', HTMLElement)
  #shownAt = 0

  constructor() {
    setInterval(() => this.#age(), 1_000)
  }

  /** How the last attempt to bring the page up to date went. */
  async tell(error: unknown): Promise<void> {
    if (error === null) {
      this.#shownAt = Date.now()
      const reasons = await notReady()
      this.#say(reasons === null ? '' : `This replica is catching up, so numbers may be behind: ${reasons}.`, reasons === null ? 'live' : 'stale')
      return
    }
    const since = this.#shownAt === 0 ? 'There is nothing to show yet' : `This is as of ${new Date(this.#shownAt).toLocaleTimeString()}`
    this.#say(`${messageOf(error)} ${since}; trying again every few seconds.`, 'offline')
  }

  #say(text: string, state: 'live' | 'stale' | 'offline'): void {
    document.body.dataset['state'] = state
    this.#alert.hidden = text === ''
    if (this.#alert.textContent !== text) this.#alert.textContent = text
    this.#age()
  }

  #age(): void {
    const state = document.body.dataset['state']
    if (this.#shownAt === 0 || state === undefined) return
    const words = state === 'live' ? 'Live' : state === 'stale' ? 'Catching up' : 'Offline'
    this.#state.textContent = `${words} · ${ageText(this.#shownAt, Date.now())}`
  }
}

/** What a replica waits for before it can answer for its partitions; null: it is ready, or cannot be asked. */
async function notReady(): Promise<string | null> {
  try {
    await getJson('/-/ready')
    return null
  } catch (error) {
    return error instanceof ApiError && error.code === 'refused' ? error.message : null
  }
}

function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'This page could not be brought up to date.'
}
