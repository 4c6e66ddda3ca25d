import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { readHosts } from '../agent/dns/hosts.ts'
import { readRuleFile } from '../agent/dns/rules.ts'

/** Which names are services, and whose clients' addresses are. */
export const rulesFile = {
  help: 'YAML or JSON: patterns, searchDomains, clients', placeholder: '<file>', fallback: '',
  parse: (path: string) => readRuleFile(path === '' ? undefined : parseYaml(readText(path))),
}

export const hostsFile = {
  help: 'Clients by address, as in /etc/hosts', placeholder: '<file>', fallback: '',
  parse: (path: string) => readHosts(path === '' ? '' : readText(path)),
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Error('must be a readable file', { cause })
  }
}
