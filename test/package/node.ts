import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runCommand } from '../../broker/run.ts'

const COMMAND_MS = 120_000

/** A Node of this machine. */
export interface Node {
  readonly path: string
  readonly major: number
}

/** The Nodes on PATH, but for those that npm packages brought, oldest first; then the one that runs us. */
export async function nodesHere(): Promise<Node[]> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(folder => !folder.includes('node_modules'))
  const paths = folders.map(folder => join(folder, 'node')).filter(path => existsSync(path))
  const nodes = await Promise.all(paths.map(async path => ({ path, major: majorOf(await run(path, ['--version'])) })))
  return [...nodes.toSorted((a, b) => a.major - b.major), { path: process.execPath, major: majorOf(process.version) }]
}

function majorOf(version: string): number {
  return Number(/\d+/.exec(version)?.[0])
}

/** Runs a command to its end, in a folder, as if npm had not started us; resolves to both its streams, rejects with them if it fails. */
export async function run(command: string, args: readonly string[], cwd = '.'): Promise<string> {
  const npmVariables = Object.keys(process.env).filter(name => /^npm_|^INIT_CWD$/i.test(name)).flatMap(name => ['-u', name])
  const { code, output } = await runCommand('env', [...npmVariables, '-C', cwd, command, ...args], { timeoutMs: COMMAND_MS })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed (${code}):\n${output}`)
  return output.trim()
}
