import type { Random } from '../../demo/random.ts'
import { eventDefaults, type AgentReport, type Common } from '../../src/contract/events.ts'
import { oneOf } from './cast.ts'

const kinds = ['sdk', 'dns', 'consul'] as const
const sources = ['consul/dc1', 'consul/dc2', 'dns'] as const
const AGENTS = 18
/** With this chance an agent is restarted when it is to report. */
const RESTART = 0.02

interface Agent {
  kind: string
  id: string
  source: string
  sequence: number
  startedAt: number
  recorded: number
  dropped: number
}

/** Those who send: each numbers its events, a restarted one begins anew under another id, and one kind does not number. */
export class Agents {
  readonly #random: Random
  readonly #agents: Agent[]
  #made = 0

  constructor(random: Random) {
    this.#random = random
    this.#agents = Array.from({ length: AGENTS }, (_, index) => this.#start(kinds[index % kinds.length] ?? ''))
  }

  /** What the next event begins with. `weight`: how many look-ups or registrations its agent then reports to have recorded. */
  sign(now: number): { common: Common; recorded: (weight: number) => void } {
    if (this.#random.chance(0.02)) return { common: { agentId: 'foreign', sequence: 0, occurredAt: 0, source: '' }, recorded: () => {} }
    const agent = oneOf(this.#random, this.#agents)
    return { common: commonOf(agent, now), recorded: weight => { agent.recorded += weight } }
  }

  report(now: number): AgentReport {
    const at = this.#random.below(this.#agents.length)
    const agent = this.#agents[at] ?? this.#start('sdk')
    if (this.#random.chance(0.3)) agent.dropped += this.#random.below(5)
    const report = {
      ...eventDefaults.agent, ...commonOf(agent, now), version: '1.0.0', host: 'host', startedAt: agent.startedAt,
      recorded: agent.recorded + agent.dropped, sent: agent.recorded, droppedQueueFull: agent.dropped, sampledOut: agent.dropped * 2,
    }
    if (this.#random.chance(RESTART)) this.#agents[at] = this.#start(agent.kind)
    return report
  }

  #start(kind: string): Agent {
    const id = `${kind}/host-${this.#made++}`
    return { kind, id, source: oneOf(this.#random, sources), sequence: 0, startedAt: 0, recorded: 0, dropped: 0 }
  }
}

function commonOf(agent: Agent, now: number): Common {
  return { agentId: agent.id, sequence: ++agent.sequence, occurredAt: now, source: agent.source }
}
