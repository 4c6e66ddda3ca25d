import { alterCommand, severities, type Severity, type TopicDifference } from '../kafka/topic-facts.ts'

/** What was asked for and not done, and what to do instead, one step a line. */
export interface Refusal {
  what: string
  mend: string
}

export interface Outcome {
  refusal: Refusal | null
  /** Topics that are not there. */
  missing: readonly string[]
  differences: readonly TopicDifference[]
  /** Whether everything that differs counts as a failure. */
  check: boolean
}

/** What stands in the commands that mend. */
interface Access {
  brokers: readonly string[]
  /** Whom Kafka takes us for; empty if there is no login. */
  user: string
}

const titles: Record<Severity, string> = {
  rule: 'broken rules: counts can be wrong, or the service cannot run',
  unchecked: 'cannot be checked',
  recommendation: 'recommendations: nothing becomes wrong without them',
}

const HIDDEN = '  (or topics that User:… may not describe: these look missing, too)'

/** Whether the command ends with 0. */
export function isWell({ refusal, missing, differences, check }: Outcome): boolean {
  return refusal === null && missing.length === 0 && !differences.some(({ severity }) => check || severity === 'rule')
}

/** Everything that differs, the worst first, in lines of at most one fact; the last line says what it all means. */
export function reportOf(outcome: Outcome, { brokers, user }: Access): string[] {
  const { refusal, missing, differences } = outcome
  const parts = [
    refusal === null ? [] : [`refused: ${refusal.what}`, ...mending(refusal.mend === '' ? [] : [refusal.mend])],
    missing.length === 0 ? [] : ['missing topics', ...missing.map(topic => `  ${topic}`), ...(user === '' ? [] : [HIDDEN])],
    ...severities.map(severity => group(titles[severity], differences.filter(each => each.severity === severity))),
    [conclusion(outcome)],
  ]
  const lines = parts.filter(part => part.length > 0).flatMap((part, index) => index === 0 ? part : ['', ...part])
  return lines.map(line => line
    .replace('--bootstrap-server …', `--bootstrap-server ${brokers.join(',')}`)
    .replace('User:…', user === '' ? 'User:…' : `User:${user}`))
}

function group(title: string, differences: readonly TopicDifference[]): string[] {
  if (differences.length === 0) return []
  const width = (cell: (difference: TopicDifference) => string) => Math.max(...differences.map(each => cell(each).length))
  const widths = { what: width(({ what }) => what), is: width(({ is }) => is), wanted: width(({ wanted }) => wanted) }
  const facts = topicsOf(differences).flatMap(topic => [
    `  ${topic}`,
    ...differences.filter(each => each.topic === topic).map(({ what, is, wanted, why }) =>
      `    ${what.padEnd(widths.what)}  is ${is.padEnd(widths.is)}  should be ${wanted.padEnd(widths.wanted)}  ${why}`),
  ])
  return [title, ...facts, ...mending(mendsOf(differences))]
}

/** One command for all settings of a topic. */
function mendsOf(differences: readonly TopicDifference[]): string[] {
  const others = differences.filter(({ set }) => set === undefined).map(({ mend }) => mend)
  const settings = differences.filter(({ set }) => set !== undefined)
  const commands = topicsOf(settings).map(topic =>
    alterCommand(topic, settings.filter(each => each.topic === topic).map(({ what, set }) => `${what}=${set}`)))
  return [...commands, ...others]
}

/** No step is said twice, though several topics need it. */
function mending(mends: readonly string[]): string[] {
  const steps = new Set(mends.flatMap(mend => mend.split('\n')))
  return steps.size === 0 ? [] : ['  to mend:', ...[...steps].map(step => `    ${step}`)]
}

function topicsOf(differences: readonly TopicDifference[]): string[] {
  return [...new Set(differences.map(({ topic }) => topic))]
}

function conclusion({ refusal, missing, differences, check }: Outcome): string {
  const count = (severity: Severity) => differences.filter(each => each.severity === severity).length
  const faults = [
    ...(missing.length === 0 ? [] : [`${counted(missing.length, 'topic')} missing`]),
    ...(count('rule') === 0 ? [] : [`${counted(count('rule'), 'rule')} broken`]),
  ]
  const hint = missing.length > 0 && refusal === null && check ? '; create them with: discovery-metrics topics' : ''
  if (faults.length > 0) return `not fit to run: ${faults.join(', ')}${hint}`
  if (refusal !== null) return 'nothing was changed; the topics that exist are fit to run'
  if (differences.length === 0) return 'all topics are as they should be'
  const recommended = count('recommendation') === 0 ? '' : `; ${counted(count('recommendation'), 'recommendation')}`
  if (count('unchecked') === 0) return `fit to run: no rule is broken${recommended}`
  return `perhaps fit to run: no broken rule was seen, but not all could be checked${recommended}`
}

function counted(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
