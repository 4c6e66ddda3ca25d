import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../../broker/run.ts'
import type { Run } from '../../broker/run.ts'
import type { ProjectName } from './projects.ts'
import { folderOf, unpackSuitePackage, type SuitePackage } from './suite-package.ts'

/** A tool that tests call, and the package that it comes in (Debian 12 and newer), or that of an older suite, where Debian has it no more. */
const packages = {
  chromium: 'chromium',
  consul: { name: 'consul', suite: 'bullseye' },
  dig: 'bind9-dnsutils',
  dnsdist: 'dnsdist',
  java: 'default-jdk-headless',
  javac: 'default-jdk-headless',
  knotd: 'knot-module-dnstap',
  mvn: 'maven',
  named: 'bind9',
  nsupdate: 'bind9-dnsutils',
  openssl: 'openssl',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  promtool: 'prometheus',
  unbound: 'unbound',
} as const satisfies Readonly<Record<string, string | SuitePackage>>
export type Tool = keyof typeof packages

/** What each project's tests call. */
const tools: Readonly<Record<ProjectName, readonly Tool[]>> = {
  pure: [],
  int: ['consul', 'dig', 'dnsdist', 'java', 'javac', 'knotd', 'mvn', 'named', 'nsupdate', 'openssl', 'promtool', 'unbound', 'chromium'],
  e2e: ['consul', 'dig', 'java', 'mvn', 'named', 'nsupdate', 'openssl', 'prometheus', 'prometheus-alertmanager', 'promtool', 'chromium'],
}

export function toolsOf(projects: ReadonlySet<ProjectName>): Tool[] {
  return [...new Set([...projects].flatMap((project) => tools[project]))]
}

const ASK_MS = 20_000
const INSTALL_MS = 600_000
/** Asked by Debian's packages before they start the service that they bring; 101 forbids it. */
const servicePolicy = '/usr/sbin/policy-rc.d'

export interface ToolchainOptions {
  readonly run?: Run
  /** Whether packages can be installed: root on Debian. Default: as it is. */
  readonly canInstall?: boolean
  readonly onProgress?: (text: string) => void
  /** Runs an installation in such a way that no service of it starts. Default: {@link forbidServices}. */
  readonly withoutServices?: (action: () => Promise<void>) => Promise<void>
}

/**
 * Installs what is missing of the tools that are needed, where that is possible; otherwise rejects with the one command to run.
 */
export async function ensureTools(needed: readonly Tool[], options: ToolchainOptions = {}): Promise<void> {
  const { run = runCommand, canInstall = isRootOnDebian(), onProgress = () => undefined, withoutServices = forbidServices } = options
  const missing = await missingTools(needed, run)
  for (const each of suitePackages(missing)) {
    onProgress(`unpacking ${each.name} of ${each.suite}`)
    await unpackSuitePackage(each, run)
  }
  await ensurePackages(missing.flatMap((tool) => (isInstalled(tool) ? [tool] : [])), { run, canInstall, onProgress, withoutServices })
}

/** How a tool is called: by its name, unless it was unpacked into a folder. */
export function toolPath(tool: Tool): string {
  const unpacked = unpackedPath(tool)
  return unpacked !== undefined && existsSync(unpacked) ? unpacked : tool
}

async function ensurePackages(missing: readonly InstalledTool[], options: Required<ToolchainOptions>): Promise<void> {
  const { run, canInstall, onProgress, withoutServices } = options
  if (missing.length === 0) return
  const wanted = [...new Set(missing.map((tool) => packages[tool]))]
  const command = `apt-get install -y --no-install-recommends ${wanted.join(' ')}`
  if (!canInstall) throw new Error(`the tests need ${missing.join(' and ')}: as root run \`${command}\`, or install them your system's way`)
  onProgress(`installing ${wanted.join(' ')}`)
  await withoutServices(() => install(command, run))
  const still = await missingTools(missing, run)
  if (still.length > 0) throw new Error(`${still.join(' and ')} cannot be found although \`${command}\` succeeded: look at PATH`)
}

type InstalledTool = { [T in Tool]: (typeof packages)[T] extends string ? T : never }[Tool]

function isInstalled(tool: Tool): tool is InstalledTool {
  return typeof packages[tool] === 'string'
}

function suitePackages(missing: readonly Tool[]): SuitePackage[] {
  return missing.flatMap((tool) => {
    const wanted = packages[tool]
    return typeof wanted === 'string' ? [] : [wanted]
  })
}

function unpackedPath(tool: Tool): string | undefined {
  const wanted = packages[tool]
  return typeof wanted === 'string' ? undefined : join(folderOf(wanted), 'usr', 'bin', tool)
}

async function missingTools(needed: readonly Tool[], run: Run): Promise<Tool[]> {
  const found = await Promise.all(needed.map(async (tool) => {
    // `command -v` takes a path, too.
    const unpacked = unpackedPath(tool)
    const line = unpacked === undefined ? `command -v ${tool}` : `command -v ${tool} || command -v '${unpacked}'`
    return (await run('sh', ['-c', line], { timeoutMs: ASK_MS })).code === 0
  }))
  return needed.filter((_, index) => found[index] !== true)
}

async function install(command: string, run: Run): Promise<void> {
  const line = `export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && ${command}`
  const { code, output } = await run('sh', ['-c', line], { timeoutMs: INSTALL_MS })
  if (code !== 0) throw new Error(`\`${command}\` failed: ${output.trim().slice(-2000)}`)
}

/** Runs an installation while Debian's policy says that no service is to be started. */
async function forbidServices(action: () => Promise<void>): Promise<void> {
  if (existsSync(servicePolicy)) return action()
  await writeFile(servicePolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await action()
  } finally {
    await rm(servicePolicy, { force: true })
  }
}

function isRootOnDebian(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version')
}
