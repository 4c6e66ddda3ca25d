import { currentSchema } from '../src/contract/schemas.ts'
import { FakeRegistry } from '../test/kafka/fake-registry.ts'
import { SCHEMA_ID, type Framing } from './lookup-batch.ts'

/** The flags by which `serve` finds the schema of the benchmark's look-ups, while `work` runs. */
export async function withRegistry<T>(framing: Framing, work: (flags: readonly string[]) => Promise<T>): Promise<T> {
  if (framing === 'single') return work([])
  const registry = await new FakeRegistry().start()
  registry.answers.set(SCHEMA_ID, { schema: JSON.stringify(currentSchema('lookup').type.schema({ exportAttrs: true })) })
  try {
    return await work([`--schema-registry.url=${registry.url}`])
  } finally {
    await registry.stop()
  }
}
