import { readFileSync } from 'node:fs'
import type { Grant } from './secured-kafka.ts'

/** The rights that docs/kafka-security.md names, by command. */
export function documentedGrants(command: 'topics' | 'serve' | 'agent' | 'verify' | 'dead-letters'): Grant[] {
  const document = readFileSync(new URL('../../../docs/kafka-security.md', import.meta.url), 'utf8')
  const rows = [...document.matchAll(/^\| `([\w-]+)` \| `([^`]+)` \| ([\w, ]+) \|/gm)].filter(([, name]) => name === command)
  if (rows.length === 0) throw new Error(`docs/kafka-security.md names no right of ${command}: bring the document and this test in line`)
  return rows.flatMap(([, , resource = '', operations = '']) => operations.split(', ').map(each => ({ resource, operation: operationOf(each) })))
}

/** `DescribeConfigs` → `describe_configs`. */
function operationOf(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
}
