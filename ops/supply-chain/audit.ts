/** What came of an audit. `not_audited`: nobody could be asked, which is neither good nor bad news. */
export type AuditVerdict =
  | { result: 'clean'; text: string }
  | { result: 'vulnerable'; text: string }
  | { result: 'not_audited'; text: string }

const severities = ['high', 'critical'] as const

interface Advice {
  name: string
  severity: string
  range: string
  via: readonly unknown[]
}

/** Reads what `npm audit --json` says, whatever its exit code: that is 1 both for a vulnerability and for a registry that cannot be asked. */
export function auditVerdict(output: string): AuditVerdict {
  const report = reportOf(output)
  if (report === null) return { result: 'not_audited', text: notAudited('npm said nothing that could be read') }
  const { metadata, vulnerabilities, message, error } = report
  if (metadata?.vulnerabilities === undefined) return { result: 'not_audited', text: notAudited(message ?? error?.summary ?? 'no reason is told') }
  const found = Object.values(vulnerabilities ?? {}).filter(({ severity }) => severities.some(each => each === severity))
  const count = severities.reduce((sum, severity) => sum + (metadata.vulnerabilities?.[severity] ?? 0), 0)
  if (count === 0) return { result: 'clean', text: 'npm audit knows of nothing high or critical in what is shipped' }
  const lines = found.map(({ name, severity, range, via }) => `  ${name} ${range}: ${severity}${via.map(titleOf).join('')}`)
  return { result: 'vulnerable', text: [`npm audit knows of ${count} vulnerabilities that are high or critical in what is shipped:`, ...lines].join('\n') }
}

interface Report {
  metadata?: { vulnerabilities?: Readonly<Record<string, number>> }
  vulnerabilities?: Readonly<Record<string, Advice>>
  message?: string
  error?: { summary?: string }
}

function reportOf(output: string): Report | null {
  try {
    const report = JSON.parse(output) as Report | null
    return typeof report === 'object' ? report : null
  } catch {
    return null
  }
}

function notAudited(reason: string): string {
  return `NOT AUDITED: ${reason.trim()}\nNobody looked for known vulnerabilities in this run; let it run where the registry answers \`npm audit\`.`
}

function titleOf(via: unknown): string {
  return typeof via === 'object' && via !== null && 'title' in via ? `, ${String(via.title)}` : ''
}
