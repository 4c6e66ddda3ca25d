/** The agent's two clocks. */
export interface AgentClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Microseconds that never step back; only differences mean something. */
  micros(): number
}

export const systemClock: AgentClock = {
  now: () => Date.now(),
  micros: () => Math.round(performance.now() * 1000),
}
