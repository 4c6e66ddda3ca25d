import { parseArgs } from 'node:util'
import { writeCorpus } from './corpus.ts'
import { fuzz, SLOW_MS } from './fuzzer.ts'
import { kinds } from './seeds.ts'

// node test/fuzz/main.ts --inputs 10000000 --seed 1 [--write]
// Throws bytes at the decoders, a third at each, and prints what became of them. --write: keeps an input of each kind of outcome as corpus.

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '1' }, write: { type: 'boolean', default: false } },
})
const [inputs, seed] = [Math.ceil(Number(values.inputs) / kinds.length), Number(values.seed)]
const began = performance.now()
let slow = false

for (const kind of kinds) {
  const { outcomes, slowest, kept } = fuzz(kind, { inputs, seed, againMs: 1 })
  console.log(`${kind}: ${inputs} inputs, ${kept.size} kinds of outcomes, slowest ${slowest.ms.toFixed(2)} ms`)
  for (const [outcome, count] of [...outcomes].toSorted(([, one], [, other]) => other - one)) console.log(`  ${String(count).padStart(10)}  ${outcome}`)
  if (slowest.ms > SLOW_MS) console.log(`  above ${SLOW_MS} ms: ${slowest.bytes.toString('hex')}`)
  slow ||= slowest.ms > SLOW_MS
  if (values.write) writeCorpus(kind, kept.values())
}
const { maxRSS } = process.resourceUsage()
console.log(`${((performance.now() - began) / 1_000).toFixed(0)} s, at most ${Math.round(maxRSS / 1_024)} MiB, no error, ${slow ? 'some' : 'none'} above ${SLOW_MS} ms`)
process.exitCode = slow ? 1 : 0
