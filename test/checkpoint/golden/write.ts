/** Writes the golden files of schemas that have none yet. Those that are there are never written again: they are what a release wrote. */
import { existsSync, writeFileSync } from 'node:fs'
import { CheckpointCodec } from '../../../src/checkpoint/codec.ts'
import { schemaFiles, versionsOf } from '../schema-files.ts'
import { samples } from './samples.ts'

const written = samples(new CheckpointCodec())
for (const [record, files] of versionsOf(schemaFiles)) {
  const newest = files.toSorted().at(-1) ?? ''
  const golden = new URL(newest.replace('.avsc', '.json'), import.meta.url)
  if (!existsSync(golden)) writeFileSync(golden, `${JSON.stringify(written.get(record), null, 2)}\n`)
}
