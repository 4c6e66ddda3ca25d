import { spawnSync } from 'node:child_process'
import { auditVerdict } from './audit.ts'

// Looks for known vulnerabilities in what is shipped (npm run audit). Exits with 1 if there are any, and, with REQUIRE_AUDIT=1, if nobody could
// be asked.

const { stdout, error } = spawnSync('npm', ['audit', '--json', '--audit-level=high', '--omit=dev'], { encoding: 'utf8', timeout: 120_000 })
const { result, text } = auditVerdict(error === undefined ? stdout : JSON.stringify({ message: error.message }))
const rule = '='.repeat(80)
console.error(result === 'clean' ? text : `${rule}\n${text}\n${rule}`)
process.exitCode = result === 'vulnerable' || (result === 'not_audited' && process.env['REQUIRE_AUDIT'] === '1') ? 1 : 0
