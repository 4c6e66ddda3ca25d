import { fileURLToPath } from 'node:url'
import { runCommand, type RunResult } from '../../broker/run.ts'

/** Has promtool `check` or `test` a file of `ops/prometheus`. */
export function promtoolRules(verb: 'check' | 'test', file: string): Promise<RunResult> {
  const path = fileURLToPath(new URL(`../../ops/prometheus/${file}`, import.meta.url))
  return runCommand('promtool', [verb, 'rules', path], { timeoutMs: 60_000 })
}
