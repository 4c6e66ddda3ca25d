import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Framing } from './lookup-batch.ts'
import type { Topology } from './lookups.ts'

const producerFile = fileURLToPath(new URL('./steady-producer.ts', import.meta.url))

export interface Steady {
  brokers: readonly string[]
  topic: string
  topology: Topology
  framing: Framing
  /** Look-ups in a second, and for how many seconds. */
  rate: number
  seconds: number
  /** Different look-ups that are made before it begins, and then sent again and again as newer ones. */
  different: number
  /** Of these, the first so many are sent once only. Default: 0. */
  once?: number
  /** Look-ups that were sent to the topic before: numbers go on, lest these be taken for repetitions. Default: 0. */
  before?: number
}

/** Up to which look-up (a count, beginning with 1) had been made when, in milliseconds since the epoch. */
export type Made = readonly (readonly [count: number, at: number])[]

export interface Sent {
  made: Made
  /** Of the processors, in milliseconds for a thousand look-ups, while sending. */
  cpuMillisPerThousand: number
  /** The most milliseconds by which it was behind its own plan. */
  latest: number
}

/** A process that sends look-ups at a steady rate, made ready before it is told to begin. */
export class SteadyProducer {
  readonly #child: ChildProcess

  /** Resolves when it could begin. */
  static async start(steady: Steady): Promise<SteadyProducer> {
    const child = fork(producerFile, [JSON.stringify(steady)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] })
    await Promise.race([once(child, 'message'), once(child, 'exit').then(() => { throw new Error('steady-producer.ts ended before it began') })])
    return new SteadyProducer(child)
  }

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Resolves when all is sent and acknowledged. */
  async run(): Promise<Sent> {
    const ended = once(this.#child, 'exit').then(() => { throw new Error('steady-producer.ts ended before it had sent all') })
    const sent = once(this.#child, 'message')
    this.#child.send('begin')
    const [answer] = await Promise.race([sent, ended]) as [Sent]
    ended.catch(() => {})
    return answer
  }
}
