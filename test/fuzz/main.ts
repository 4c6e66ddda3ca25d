import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fuzz } from './fuzzer.ts'
import { kinds } from './seeds.ts'

// node test/fuzz/main.ts --inputs 10000000 --seed 1 [--write]
// Throws bytes at the decoders, a third at each, and prints what became of them. --write: keeps an input of each kind of outcome as corpus.

const { values } = parseArgs({ options: { inputs: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '1' }, write: { type: 'boolean', default: false } } })
const [inputs, seed] = [Math.ceil(Number(values.inputs) / kinds.length), Number(values.seed)]
const began = performance.now()

for (const kind of kinds) {
  const { outcomes, slowest, kept } = fuzz(kind, { inputs, seed })
  console.log(`${kind}: ${inputs} inputs, ${kept.size} kinds of outcomes, slowest ${slowest.ms.toFixed(2)} ms`)
  for (const [outcome, count] of [...outcomes].toSorted(([, one], [, other]) => other - one)) console.log(`  ${String(count).padStart(10)}  ${outcome}`)
  if (values.write) writeFileSync(new URL(`corpus/${kind}.txt`, import.meta.url), corpusOf(kept))
}
const { rss } = process.memoryUsage()
console.log(`${((performance.now() - began) / 1_000).toFixed(0)} s, ${Math.round(rss / 1_048_576)} MiB, no error, none above 10 ms`)

/** One line each: the outcome and the bytes. */
function corpusOf(kept: ReadonlyMap<string, { outcome: string; bytes: Buffer }>): string {
  const short = [...kept.values()].filter(({ bytes }) => bytes.length <= 600)
  return short.map(({ outcome, bytes }) => `${outcome} ${bytes.toString('hex')}\n`).toSorted().join('')
}
