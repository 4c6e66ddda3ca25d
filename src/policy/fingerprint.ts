import { hashOf } from '../core/digest.ts'
import type { Policy } from '../core/policy.ts'
import { ValueRules } from '../core/value-rules.ts'

/** 16 hex digits, different for policies by which the same events come to other cells. */
export function fingerprintOf({ rules, levels: { edge, version, service }, retention, budgets }: Policy): string {
  const stays = [retention.instance, retention.edge, retention.version, retention.agent, retention.service]
  const limits = [budgets.service, budgets.edge, budgets.version, budgets.error, budgets.instance].flatMap(({ total, within }) => [total, within])
  limits.push(budgets.agent.total)
  return hashOf(Buffer.from(JSON.stringify([new ValueRules(rules).fingerprint, edge, version, service, ...stays, ...limits])))
}
