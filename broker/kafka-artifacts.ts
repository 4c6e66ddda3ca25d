import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { BrokerError } from './errors.ts'
import type { Run } from './run.ts'
import { kafkaVersion } from './settings.ts'

const MAVEN_MS = 300_000

/** Where Kafka's jars are kept from one run to the next. The folder is there whole or not at all. */
export function jarFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'discovery-metrics', `kafka-${kafkaVersion}`)
}

export interface FetchOptions {
  readonly env: NodeJS.ProcessEnv
  readonly run: Run
  readonly onProgress: (text: string) => void
}

/** The folder with Apache Kafka's own jars, fetched with Maven the first time. Rejects with `START_FAILED`. */
export async function kafkaJars({ env, run, onProgress }: FetchOptions): Promise<string> {
  const folder = jarFolder(env)
  if (existsSync(folder)) return folder
  onProgress(`java: fetching Kafka ${kafkaVersion} with Maven, once`)
  await mkdir(dirname(folder), { recursive: true })
  const work = await mkdtemp(`${folder}-`)
  try {
    await copyDependencies(work, run)
    await takePlace(join(work, 'jars'), folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return folder
}

async function copyDependencies(work: string, run: Run): Promise<void> {
  const pom = join(work, 'pom.xml')
  await writeFile(pom, pomText())
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(work, 'jars')}`]
  const { code, output } = await run('mvn', ['--quiet', '--batch-mode', '--file', pom, ...goal], { timeoutMs: MAVEN_MS })
  if (code !== 0) throw new BrokerError('START_FAILED', `Maven could not fetch Kafka ${kafkaVersion}: ${output.trim().slice(-2000)}`)
}

/** Another process may have been quicker: its folder is as good as ours. */
async function takePlace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}

function pomText(): string {
  const dependencies = [
    ['org.apache.kafka', 'kafka_2.13', kafkaVersion],
    // The release of log4j that Kafka 4.1 itself is built with.
    ['org.apache.logging.log4j', 'log4j-slf4j-impl', '2.24.3'],
  ].map(([group, artifact, version]) => {
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
  })
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    '<groupId>discovery-metrics</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging>',
    `<dependencies>${dependencies.join('')}</dependencies></project>`,
  ].join('\n')
}
