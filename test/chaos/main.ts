import { writeFileSync } from 'node:fs'
import { BrokerError } from '../../broker/errors.ts'
import { hideTimerWarnings } from '../../demo/kafka.ts'
import { ChaosError } from './errors.ts'
import { readOptions, usage } from './options.ts'
import { renderReport } from './report.ts'
import { runChaos } from './run.ts'

// `npm run chaos`: progress goes to standard error, the report to standard output. Ends with 1 on any difference.

const MISUSE = 2
const INTERRUPTED = 130

hideTimerWarnings(process)
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new ChaosError('INTERRUPTED', 'interrupted')))
try {
  process.exitCode = await main()
} catch (error) {
  const expected = error instanceof ChaosError || error instanceof BrokerError
  console.error(stop.signal.aborted ? 'interrupted' : expected ? `${error.code}: ${error.message}` : error)
  process.exitCode = stop.signal.aborted ? INTERRUPTED : error instanceof ChaosError && error.code === 'BAD_FLAGS' ? MISUSE : 1
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options === null) {
    console.log(usage)
    return 0
  }
  const report = await runChaos(options, { signal: stop.signal, say: text => console.error(text) })
  console.log(renderReport(report))
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`)
  return report.ok ? 0 : 1
}
