import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kafkaJars } from '../../broker/kafka-artifacts.ts'
import { runCommand } from '../../broker/run.ts'
import { ensureTools } from '../support/toolchain.ts'

const program = fileURLToPath(new URL('./Produce.java', import.meta.url))

/** What Apache Kafka's own producer is to send to partition 0 of a topic. */
export interface JavaBatch {
  topic: string
  compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** Whether and how a transaction ends; `open`: not yet. */
  end: 'plain' | 'commit' | 'abort' | 'open'
  /** By which a later batch goes on with it. */
  transaction?: string
  values: readonly Buffer[]
}

/** Gets what {@link javaProduce} needs: Java, its compiler, and Kafka's jars. */
export async function prepareJava(): Promise<void> {
  await ensureTools(['java', 'javac', 'mvn'])
  await kafkaJars({ env: process.env, run: runCommand, onProgress: text => { console.error(text) } })
}

/** Sends the batches one after the other, in one JVM. */
export async function javaProduce(brokers: readonly string[], batches: readonly JavaBatch[]): Promise<void> {
  const jars = await kafkaJars({ env: process.env, run: runCommand, onProgress: () => undefined })
  const args = ['-XX:TieredStopAtLevel=1', '-cp', join(jars, '*'), program, brokers.join(',')]
  const child = spawn('java', args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => { said += bytes.toString() })
  for (const { topic, compression, end, values, transaction = 'alone' } of batches) {
    child.stdin.write(`${topic} ${compression} ${end} ${transaction}\n${values.map(value => `${value.toString('hex')}\n`).join('')}\n`)
  }
  child.stdin.end()
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0 && said.split('done\n').length - 1 === batches.length) return
  throw new Error(`Kafka's producer ended with code ${code}: ${said.slice(-2_000)}`)
}
