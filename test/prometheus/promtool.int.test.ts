import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ensureTools } from '../support/toolchain.ts'
import { familiesWithSamples, parseExposition } from '../../demo/exposition.ts'
import { budgetsOf } from '../../src/core/budgets.ts'
import { families } from '../../src/core/families.ts'
import { defaultPolicy } from '../../src/core/policy.ts'
import { ofEveryFamily, lookup, shardOf } from '../views/shards.ts'
import { pageOf, registryOf } from './pages-of.ts'
import { ownFamilies } from '../../src/prometheus/own-families.ts'

/** What `promtool check metrics` says of a page: nothing, and 0, if it has nothing to find fault with. */
async function checkMetrics(page: string): Promise<{ code: number | null; said: string }> {
  const promtool = spawn('promtool', ['check', 'metrics'])
  promtool.stdin.end(page)
  const [said] = await Promise.all([text(promtool.stderr), once(promtool, 'exit')])
  return { code: promtool.exitCode, said }
}

describe('promtool', () => {
  beforeAll(() => ensureTools(['promtool']), 600_000)

  it('has nothing to find fault with in a page on which every family has samples', async () => {
    const strange = lookup({ service: 'a "quoted"\\name\nin two lines, ü€😀', errorCode: '\r\t{}' })
    const shards = [shardOf([...ofEveryFamily, strange], { budgets: budgetsOf(defaultPolicy.budgets, 1) })]
    const page = await pageOf(registryOf(shards), shards)
    const expected = [...families, ...Object.values(ownFamilies)].map(({ name }) => name)
    expect([...familiesWithSamples(parseExposition(page))]).toEqual(expect.arrayContaining(expected))
    expect(await checkMetrics(page)).toEqual({ code: 0, said: '' })
  })

  it('has nothing to find fault with whatever characters the names have', async () => {
    const characters = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), 'é', '€', '😀', '\u2028', '\ufeff', '\ud800', '\udc00']
    const names = characters.flatMap(character => [character, `a${character}b`, `${character}\\`, `\\${character}"`])
    const shards = [shardOf(names.map(name => lookup({ client: name, service: name, errorCode: name, outcome: 'FAILURE' })))]
    expect(await checkMetrics(await pageOf(registryOf(shards), shards))).toEqual({ code: 0, said: '' })
  })

  it('does find fault with a counter named like a gauge', async () => {
    const { code, said } = await checkMetrics('# HELP oddities Odd ones.\n# TYPE oddities counter\noddities 1\n')
    expect(said).toContain('oddities')
    expect(code).not.toBe(0)
  })

  it('reads the example of every family as PromQL', async () => {
    const rules = families.map(({ example }, index) => ({ record: `example:${index}`, expr: example }))
    const folder = mkdtempSync(join(tmpdir(), 'examples-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ groups: [{ name: 'examples', rules }] }))
    const promtool = spawn('promtool', ['check', 'rules', join(folder, 'rules.json')])
    const [said, failed] = await Promise.all([text(promtool.stdout), text(promtool.stderr), once(promtool, 'close')])
    expect([promtool.exitCode, failed, said]).toEqual([0, '', expect.stringContaining(`SUCCESS: ${families.length} rules found`)])
  })
})
