import { appendFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { cardinalityBenchmark } from './cardinality.ts'
import { checkpointBenchmark } from './checkpoint.ts'
import { codecsBenchmark } from './codecs.ts'
import { document } from './document.ts'
import { drainBenchmark } from './drain.ts'
import { expositionBenchmark } from './exposition.ts'
import { floodBenchmark } from './flood.ts'
import { foldBenchmark } from './fold.ts'
import { freshnessBenchmark } from './freshness.ts'
import { graphBenchmark } from './graph.ts'
import { hostCostBenchmark } from './host-cost.ts'
import { loopBenchmark } from './loop.ts'
import { memoryBenchmark } from './memory.ts'
import { regressionCheck } from './regression.ts'
import { replicasBenchmark } from './replicas.ts'
import { restoreBenchmark } from './restore.ts'
import { scaleBenchmark } from './scale.ts'
import { benchmarkOptions, sizesOf, type Sizes } from './sizes.ts'
import { takeoverBenchmark } from './takeover.ts'

/** Every benchmark prints one line of JSON, with ratios against a reference measured in the same run: absolute times do not hold. */
const benchmarks: Record<string, (sizes: Sizes) => Promise<object> | object> = {
  fold: foldBenchmark, drain: drainBenchmark, freshness: freshnessBenchmark, loop: loopBenchmark, memory: memoryBenchmark,
  scale: scaleBenchmark, replicas: replicasBenchmark, codecs: codecsBenchmark, cardinality: cardinalityBenchmark,
  restore: restoreBenchmark, checkpoint: checkpointBenchmark, takeover: takeoverBenchmark, graph: graphBenchmark,
  exposition: expositionBenchmark, 'host-cost': hostCostBenchmark, flood: floodBenchmark,
}
/** Run only when they are asked for. */
const others: typeof benchmarks = { regression: regressionCheck }

const { values, positionals: asked } = parseArgs({ allowPositionals: true, options: benchmarkOptions })
const all = { ...benchmarks, ...others }
const unknown = asked.filter(name => !(name in all) && name !== 'document')
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(all).join(', ')}, and document`)
  process.exit(2)
}
const sizes = sizesOf(values)
for (const [name, run] of Object.entries(all)) {
  if (asked.length > 0 ? !asked.includes(name) : name in others) continue
  console.error(`running ${name} …`)
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`
  const result = JSON.stringify({ benchmark: name, date: new Date().toISOString(), machine, ...(await run(sizes)) })
  console.log(result)
  if (values.json !== '') appendFileSync(values.json, `${result}\n`)
}
if (asked.includes('document')) document(values.json)
