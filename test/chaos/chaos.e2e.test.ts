import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { faultKinds } from './plan.ts'
import type { ChaosReport } from './report.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const RATE = 10_000
const LIMIT_MS = 240_000
/** Under a third of what is asked for: machines differ, and a run that sent nothing proves nothing. */
const LEAST_RECORDS = 200_000

/** Runs it as `npm run chaos` does, on a broker of its own, which the faults may hit. */
async function chaos(...flags: readonly string[]): Promise<{ code: number | null; report: ChaosReport }> {
  const folder = await mkdtemp(join(tmpdir(), 'discovery-metrics-chaos-test-'))
  try {
    const json = join(folder, 'report.json')
    const env = { ...process.env, KAFKA_BROKERS: '', BROKER: process.env['BROKER'] === 'external' ? '' : process.env['BROKER'] }
    const child = spawn(process.execPath, [main, ...flags, '--json', json], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => { output += text.toString() })
    const [code] = (await once(child, 'close')) as [number | null]
    const text = await readFile(json, 'utf8').catch(() => { throw new Error(`the run gave no report (exit code ${code}):\n${output}`) })
    return { code, report: JSON.parse(text) as ChaosReport }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

it('counts exactly, and shows nothing twice or lower than before, through a minute of every kind of fault', async () => {
  const { code, report } = await chaos('--seed', '1', '--duration', '60s', '--rate', String(RATE))

  expect(report).toMatchObject({
    failures: [], violationExamples: [], differenceExamples: [],
    differences: 0, resets: 0, seriesTwice: 0, stepsBack: 0, beyond: 0, deaths: [], logFaults: [],
  })
  expect(faultKinds.filter(kind => report.faults[kind] === 0)).toEqual([])
  expect(report.records).toBeGreaterThan(LEAST_RECORDS)
  expect(report.seriesCompared).toBeGreaterThan(2_000)
  expect(code).toBe(0)
}, LIMIT_MS)
