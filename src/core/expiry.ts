import { forgetAgent } from './agents.ts'
import { cellKinds } from './blank-cells.ts'
import type { CellMap } from './cell-map.ts'
import type { AnyCell } from './cells.ts'
import { remove, type ShardState } from './state.ts'

/** Takes out the cells whose time has passed. What they have added to coarser counts stays there. */
export function runExpiry(state: ShardState): void {
  const { streamTime: time, expiredUntil: since } = state
  if (time <= state.nextExpiry) return
  state.expiredUntil = time
  state.nextExpiry = Infinity // what is touched meanwhile lowers it
  for (const kind of cellKinds) {
    const cells: CellMap<AnyCell> = state.cells[kind]
    const next = cells.eachExpired({ since, time }, ({ key, takenAsOf, cell }) => {
      if (kind === 'agent') expireAgent(state, cell())
      remove(state, { kind, key, takenAsOf })
    })
    state.nextExpiry = Math.min(state.nextExpiry, next)
  }
}

function expireAgent(state: ShardState, agent: AnyCell | undefined): void {
  if (agent?.kind === 'agent') forgetAgent(state, agent)
}
