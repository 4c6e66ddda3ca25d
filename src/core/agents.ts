import { agentKind, type AgentReport } from '../contract/events.ts'
import type { AccountsCell, AgentCell } from './cells.ts'
import { dropReasons } from './drop-reasons.ts'
import { edit, keep, touch, type ShardState } from './state.ts'

/** An agent reports every ten seconds; after three reports missed it is silent. Milliseconds. */
export const SILENT_AFTER_MS = 30_000

/** What an agent says of itself: cumulative, so what came since its last report is counted. A smaller number is a new beginning. */
export function foldReport(state: ShardState, report: AgentReport, time: number): void {
  const agent = edit(state, 'agent', report.agentId)
  const accounts = accountsOf(state, agent)
  accounts.recorded += since(agent.recorded, report.recorded)
  agent.recorded = report.recorded
  dropReasons.forEach(({ field }, index) => {
    accounts.dropped[index] = (accounts.dropped[index] ?? 0) + since(agent.dropped[index] ?? 0, report[field])
    agent.dropped[index] = report[field]
  })
  if (!agent.reported) accounts.active++
  else if (agent.silentAt === 0) moveToActive(accounts)
  agent.reported = true
  agent.lastSeen = Math.max(agent.lastSeen, time)
  agent.silentAt = Math.max(agent.silentAt, time + SILENT_AFTER_MS)
  state.deadlines.schedule(agent)
}

/** Three reports are missing. */
export function silenceAgent(state: ShardState, agent: AgentCell): void {
  if (agent.silentAt === 0) return
  const accounts = accountsOf(state, agent)
  accounts.active--
  accounts.silent++
  touch(state, agent)
  keep(state, agent, agent.silentAt)
  agent.silentAt = 0
}

/** An agent that is no longer held is no longer among those of its kind; what it counted stays counted. */
export function forgetAgent(state: ShardState, agent: AgentCell): void {
  if (!agent.reported) return
  const accounts = accountsOf(state, agent)
  if (agent.silentAt === 0) accounts.silent--
  else accounts.active--
  agent.silentAt = 0
}

function accountsOf(state: ShardState, { agentId }: AgentCell): AccountsCell {
  return edit(state, 'accounts', agentKind(agentId))
}

function moveToActive(accounts: AccountsCell): void {
  accounts.silent--
  accounts.active++
}

function since(last: number, now: number): number {
  return now >= last ? now - last : now
}
