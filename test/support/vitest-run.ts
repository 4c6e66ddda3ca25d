import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface VitestResult {
  /** As a shell counts: 128 and the signal's number, if one ended it. */
  readonly code: number
  readonly passed: number
  /** A file that could not be run counts as one. */
  readonly failed: number
}

/** The part that we read of what vitest's json reporter writes. */
interface Report {
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

/** Runs this project's vitest over all projects with the Node that runs us; `args` are vitest's own. */
export async function runVitest(args: readonly string[]): Promise<VitestResult> {
  const folder = await mkdtemp(join(tmpdir(), 'discovery-metrics-test-'))
  try {
    const report = join(folder, 'report.json')
    const shown = args.some((arg) => arg.startsWith('--reporter')) ? [] : ['--reporter=default']
    const code = await runNode([vitestBinary(), 'run', ...shown, '--reporter=json', `--outputFile.json=${report}`, ...args])
    return { code, ...(await countTests(report)) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function vitestBinary(): string {
  return join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
}

async function runNode(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  const pass = (): void => {
    child.kill('SIGTERM')
  }
  process.on('SIGINT', stay).on('SIGTERM', pass)
  await once(child, 'exit')
  process.off('SIGINT', stay).off('SIGTERM', pass)
  return child.exitCode ?? 128 + (child.signalCode === null ? 0 : constants.signals[child.signalCode])
}

/** Ctrl-C reaches vitest too, and we wait for its end. */
function stay(): void {}

async function countTests(file: string): Promise<{ passed: number; failed: number }> {
  const text = await readFile(file, 'utf8').catch(() => '{"testResults":[]}')
  const { testResults }: Report = JSON.parse(text)
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const withResult = (wanted: string): number => tests.filter(({ status }) => status === wanted).length
  const brokenFiles = testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
  })
  return { passed: withResult('passed'), failed: withResult('failed') + brokenFiles.length }
}
