import { parseArgs } from 'node:util'
import { checkpointBenchmark } from './checkpoint.ts'
import { foldBenchmark } from './fold.ts'
import { restoreBenchmark } from './restore.ts'
import { benchmarkOptions, numberIn, type Sizes } from './sizes.ts'
import { takeoverBenchmark } from './takeover.ts'

/** Every benchmark prints one line of JSON, with ratios against a reference measured in the same run: absolute times do not hold. */
const benchmarks: Record<string, (sizes: Sizes) => Promise<object> | object> = {
  fold: foldBenchmark, restore: restoreBenchmark, checkpoint: checkpointBenchmark, takeover: takeoverBenchmark,
}

const { values, positionals: asked } = parseArgs({ allowPositionals: true, options: benchmarkOptions })
const unknown = asked.filter(name => !(name in benchmarks))
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(benchmarks).join(', ')}`)
  process.exit(2)
}
const sizes: Sizes = {
  cells: numberIn(values, 'cells'), changesPerSecond: numberIn(values, 'changes'), seconds: numberIn(values, 'seconds'),
  records: numberIn(values, 'records'), rounds: numberIn(values, 'rounds'),
}
for (const [name, run] of Object.entries(benchmarks)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  console.error(`running ${name} …`)
  console.log(JSON.stringify({ benchmark: name, ...(await run(sizes)) }))
}
