import { foldBenchmark } from './fold.ts'

/** Every benchmark prints one line of JSON, with ratios against a reference measured in the same run: absolute times do not hold. */
const benchmarks: Record<string, () => Promise<object> | object> = { fold: foldBenchmark }

const asked = process.argv.slice(2).filter(argument => !argument.startsWith('-'))
const unknown = asked.filter(name => !(name in benchmarks))
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(benchmarks).join(', ')}`)
  process.exit(2)
}
for (const [name, run] of Object.entries(benchmarks)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  console.error(`running ${name} …`)
  console.log(JSON.stringify({ benchmark: name, ...(await run()) }))
}
