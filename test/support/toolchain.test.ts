import { describe, expect, it } from 'vitest'
import type { Run } from '../../broker/run.ts'
import { ensureTools, toolsOf } from './toolchain.ts'

/** A machine with some tools, where apt-get brings the others or fails. */
function machine(tools: string[], apt: { readonly brings: string[]; readonly code: number }): Run & { readonly installs: string[] } {
  const installs: string[] = []
  const run: Run = (_, args) => {
    const line = args.at(-1) ?? ''
    const asked = /^command -v (\S+)/.exec(line)?.[1]
    if (asked !== undefined) return Promise.resolve({ code: tools.includes(asked) ? 0 : 1, output: '' })
    installs.push(line)
    tools.push(...apt.brings)
    return Promise.resolve({ code: apt.code, output: apt.code === 0 ? '' : 'E: no such package' })
  }
  return Object.assign(run, { installs })
}

const noPolicy = (action: () => Promise<void>): Promise<void> => action()

describe('a tool that the tests need', () => {
  it('is left as it is where it is there', async () => {
    const run = machine(['prometheus', 'promtool'], { brings: [], code: 0 })
    await ensureTools(['prometheus', 'promtool'], { run, canInstall: true, withoutServices: noPolicy })
    expect(run.installs).toEqual([])
  })

  it('is installed where that is possible, a package once', async () => {
    const run = machine([], { brings: ['prometheus', 'promtool'], code: 0 })
    await ensureTools(['prometheus', 'promtool'], { run, canInstall: true, withoutServices: noPolicy })
    expect(run.installs).toEqual([expect.stringMatching(/apt-get install -y --no-install-recommends prometheus$/)])
  })

  it('is asked for with one command where it cannot be installed', async () => {
    const run = machine(['java'], { brings: [], code: 0 })
    await expect(ensureTools(['java', 'mvn', 'promtool'], { run, canInstall: false, withoutServices: noPolicy })).rejects.toThrow(
      'the tests need mvn and promtool: as root run `apt-get install -y --no-install-recommends maven prometheus`',
    )
    expect(run.installs).toEqual([])
  })

  it('that only another suite has is unpacked into a folder, with no right to install', async () => {
    const run = machine([], { brings: [], code: 0 })
    await ensureTools(['consul'], { run, canInstall: false, withoutServices: noPolicy })
    expect(run.installs).toHaveLength(1)
    expect(run.installs[0]).toMatch(/ bullseye main[^]*apt download consul\n[^]*dpkg -x consul_/)
    expect(run.installs[0]).not.toContain('apt-get install')
    expect(run.installs[0]).not.toContain('://')
  })

  it('and one that cannot be unpacked says what the packager said', async () => {
    const run = machine([], { brings: [], code: 100 })
    await expect(ensureTools(['consul'], { run, canInstall: true, withoutServices: noPolicy })).rejects.toThrow(
      'the package consul of bullseye cannot be unpacked: E: no such package',
    )
  })

  it('and an installation that fails says what the packager said', async () => {
    const run = machine([], { brings: [], code: 100 })
    const installing = ensureTools(['promtool'], { run, canInstall: true, withoutServices: noPolicy })
    await expect(installing).rejects.toThrow('failed: E: no such package')
  })
})

describe('the tools that a run needs', () => {
  it('are none for pure tests', () => {
    expect(toolsOf(new Set(['pure']))).toEqual([])
  })

  it('are those of all its projects, each once', () => {
    expect(toolsOf(new Set(['pure', 'int', 'e2e']))).toEqual([
      'consul', 'dig', 'dnsdist', 'java', 'javac', 'knotd', 'mvn', 'named', 'nsupdate', 'openssl', 'promtool', 'unbound', 'chromium', 'prometheus',
      'prometheus-alertmanager',
    ])
  })
})
