import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { runCommand, type RunResult } from '../../../broker/run.ts'
import { burningCases } from './burning.ts'
import type { AlertCase } from './case.ts'
import { crowdTrialOf, trialOf, type RuleGroup, type Trial } from './promtool-tests.ts'
import { selfCases } from './self.ts'
import { serviceCases } from './services.ts'

export const alertCases: readonly AlertCase[] = [...burningCases, ...serviceCases, ...selfCases]

/** All rules that are shipped and that alerts read, those first that others read. */
export function shippedGroups(): RuleGroup[] {
  return ['objective-rules.yml', 'alerts.yml'].flatMap(file => {
    const text = readFileSync(new URL(`../../../ops/prometheus/${file}`, import.meta.url), 'utf8')
    return (parse(text) as { groups: RuleGroup[] }).groups
  })
}

/** Has promtool try an alert by its cases. */
export function tryAlert(alert: string, groups: readonly RuleGroup[]): Promise<RunResult> {
  return run(trialOf(alert, casesOf(alert), groups))
}

/** Has promtool say which of all alerts call in an alert's cases. */
export function tryAmongAll(alert: string, groups: readonly RuleGroup[]): Promise<RunResult> {
  return run(crowdTrialOf(casesOf(alert), groups))
}

function casesOf(alert: string): AlertCase[] {
  return alertCases.filter(each => each.alert === alert)
}

async function run({ rules, tests }: Trial): Promise<RunResult> {
  const folder = await mkdtemp(join(tmpdir(), 'discovery-metrics-alerts-'))
  try {
    await writeFile(join(folder, 'rules.yml'), rules)
    const files = tests.map((_, index) => join(folder, `${index}.test.yml`))
    await Promise.all(tests.map((text, index) => writeFile(files[index] ?? '', text)))
    return await runCommand('promtool', ['test', 'rules', ...files], { timeoutMs: 200_000 })
  } finally {
    await rm(folder, { recursive: true })
  }
}
