import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'

/** Reads wards from its arguments, guards them all, forgets those that begin with a minus, says so, and waits to be killed. */
const ownerScript = `
  import { startGuard } from './broker/guard.ts'
  const guard = startGuard()
  for (const word of process.argv.slice(1)) {
    const ward = word.replace(/^-/, '')
    guard.guard(ward)
    if (word !== ward) guard.forget(ward)
  }
  console.log('guarding')
  setInterval(() => {}, 1000)
`

let processes: ChildProcess[]
let folders: string[]

beforeEach(() => {
  processes = []
  folders = []
})

afterEach(async () => {
  for (const child of processes) child.kill('SIGKILL')
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

describe('when an owner is killed', () => {
  it('the guard ends what it guards, a stopped process too, and leaves what was forgotten', async () => {
    const [guarded, stopped, forgotten] = [bystander(), bystander(), bystander()]
    const [guardedFolder, forgottenFolder] = [await makeFolder(), await makeFolder()]
    stopped.kill('SIGSTOP')
    const wards = [`pid ${guarded.pid}`, `pid ${stopped.pid}`, `-pid ${forgotten.pid}`, `folder ${guardedFolder}`, `-folder ${forgottenFolder}`]
    const owner = node(['--input-type=module', '--eval', ownerScript, '--', ...wards])
    if (owner.stdout !== null) await once(owner.stdout, 'data')

    owner.kill('SIGKILL')

    await until(() => guarded.signalCode === 'SIGKILL', { message: 'the guarded process is killed' })
    await until(() => stopped.signalCode === 'SIGKILL', { message: 'the stopped process is killed' })
    await until(() => !existsSync(guardedFolder), { message: 'the guarded folder is removed' })
    expect(forgotten).toMatchObject({ exitCode: null, signalCode: null })
    expect(existsSync(forgottenFolder)).toBe(true)
  })
})

function node(args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  processes.push(child)
  return child
}

function bystander(): ChildProcess {
  return node(['--eval', 'setInterval(() => {}, 1000)'])
}

async function makeFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'discovery-metrics-guard-'))
  folders.push(path)
  return path
}
