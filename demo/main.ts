import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BrokerError } from '../broker/errors.ts'
import { DemoError } from './errors.ts'
import { hideTimerWarnings } from './kafka.ts'
import { readOptions, usage, type DemoOptions } from './options.ts'
import { Progress } from './progress.ts'
import { compare, renderTable, summarize } from './report.ts'
import { runDemo } from './run.ts'
import { onSignals } from './signals.ts'

const MISUSE = 2
const INTERRUPTED = 130

// Progress goes to standard error and the result to standard output, whose last line is JSON.
hideTimerWarnings(process)
try {
  const options = readOptions(process.argv.slice(2))
  if (options === null) console.log(usage)
  else process.exitCode = await demo(options)
} catch (error) {
  const expected = error instanceof DemoError || error instanceof BrokerError
  console.error(expected ? error.message : error)
  process.exitCode = exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof DemoError)) return 1
  return error.code === 'BAD_FLAGS' ? MISUSE : error.code === 'INTERRUPTED' ? INTERRUPTED : 1
}

/** Resolves to the exit code: 1 if the replicas counted anything but what was recorded. */
async function demo(options: DemoOptions): Promise<number> {
  const stop = new AbortController()
  onSignals(process, () => performance.now(), {
    stop: () => stop.abort(new DemoError('INTERRUPTED', 'interrupted before the shop was open')),
    exit: () => process.exit(INTERRUPTED),
  })
  const topicPrefix = `demo-${randomBytes(4).toString('hex')}.`
  return withLogFolder(async logFolder => {
    const context = { progress: new Progress(process.stderr), signal: stop.signal, topicPrefix, logFolder }
    const { recorded, counted } = await runDemo(options, context)
    const summary = summarize(recorded, counted)
    console.log(`\n${renderTable(compare(recorded, counted))}\n\n${JSON.stringify(summary)}`)
    return summary.differences === 0 ? 0 : 1
  })
}

/** Keeps what the commands wrote, if something went wrong. */
async function withLogFolder(run: (logFolder: string) => Promise<number>): Promise<number> {
  const logFolder = mkdtempSync(join(tmpdir(), 'discovery-metrics-demo-'))
  let exitCode = 1
  try {
    exitCode = await run(logFolder)
    return exitCode
  } finally {
    if (exitCode === 0 || readdirSync(logFolder).length === 0) rmSync(logFolder, { recursive: true })
    else console.error(`What the commands said is kept in ${logFolder}`)
  }
}
