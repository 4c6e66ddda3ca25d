import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Availability } from '../../broker/broker.ts'
import { haveImage, sparePulls } from '../../broker/docker-engine.ts'
import { javaWay } from '../../broker/java.ts'
import { jarFolder } from '../../broker/kafka-artifacts.ts'
import type { Run, RunResult } from '../../broker/run.ts'

/** A machine where commands end as listed, by their first words; any other command is not there. */
function machine(commands: Readonly<Record<string, RunResult>>): Run & { readonly ran: string[] } {
  const ran: string[] = []
  const run: Run = (command, args) => {
    const line = [command, ...args].join(' ')
    ran.push(line)
    const known = Object.entries(commands).find(([start]) => line.startsWith(start))
    return Promise.resolve(known?.[1] ?? { code: undefined, output: `spawn ${command} ENOENT` })
  }
  return Object.assign(run, { ran })
}

const image = 'apache/kafka:4.1.0'
const absent = { code: 1, output: `[]\nError: No such image: ${image}\n` }

const haveDocker = (run: Run): Promise<Availability> => haveImage(image, { run, onProgress: () => undefined })
const java = (version: string): RunResult => ({ code: 0, output: `openjdk version "${version}" 2025-04-15\n` })

describe('the docker way', () => {
  it('is there where the engine has the image, and pulls nothing', async () => {
    const run = machine({ 'docker image inspect': { code: 0, output: 'sha256:1' } })
    expect(await haveDocker(run)).toEqual({ available: true, detail: `image ${image}` })
    expect(run.ran).toHaveLength(1)
  })

  it('is there where the image is absent and can be pulled', async () => {
    const run = machine({ 'docker image inspect': absent, 'docker pull --quiet apache/kafka:4.1.0': { code: 0, output: image } })
    expect(await haveDocker(run)).toEqual({ available: true, detail: `image ${image}` })
  })

  it('is not there where the pull fails, and says why', async () => {
    const run = machine({ 'docker image inspect': absent, 'docker pull': { code: 1, output: 'Error: connection refused' } })
    expect(await haveDocker(run)).toEqual({
      available: false,
      reason: `the image ${image} is absent and cannot be pulled (Error: connection refused): docker pull ${image}`,
    })
  })

  it('is not there where no engine answers, and then no pull is tried', async () => {
    const run = machine({ 'docker image inspect': { code: 1, output: 'Cannot connect to the Docker daemon at unix:///x' } })
    expect(await haveDocker(run)).toEqual({
      available: false,
      reason: 'no Docker engine answers (Cannot connect to the Docker daemon at unix:///x): start one',
    })
    expect(run.ran).toHaveLength(1)
  })

  it('is not there where there is no docker command', async () => {
    expect(await haveDocker(machine({}))).toMatchObject({ available: false, reason: expect.stringContaining('spawn docker ENOENT') })
  })
})

describe('testcontainers pulls no helper images', () => {
  it('where its reaper is absent', async () => {
    const env = {}
    await sparePulls(env, machine({ 'docker image inspect': absent }))
    expect(env).toEqual({ TESTCONTAINERS_RYUK_DISABLED: 'true', TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1' })
  })

  it('and keeps its reaper where that is there', async () => {
    const env = {}
    await sparePulls(env, machine({ 'docker image inspect': { code: 0, output: 'sha256:1' } }))
    expect(env).toEqual({})
  })

  it('and what the environment says already stands', async () => {
    const env = { TESTCONTAINERS_RYUK_DISABLED: 'false', DOCKER_HOST: 'tcp://engine:2375' }
    await sparePulls(env, machine({ 'docker image inspect': absent }))
    expect(env).toEqual({ TESTCONTAINERS_RYUK_DISABLED: 'false', DOCKER_HOST: 'tcp://engine:2375' })
  })
})

describe('the java way', () => {
  let env: { XDG_CACHE_HOME: string; JAVA_HOME?: string }

  beforeEach(async () => {
    env = { XDG_CACHE_HOME: await mkdtemp(join(tmpdir(), 'discovery-metrics-cache-')) }
  })

  afterEach(async () => {
    await rm(env.XDG_CACHE_HOME, { recursive: true })
  })

  const have = (run: Run): Promise<Availability> => javaWay(run).available({ env, onProgress: () => undefined })

  it('is there with Java 17 and Maven', async () => {
    const run = machine({ 'java -version': java('17.0.15'), 'mvn --version': { code: 0, output: '' } })
    expect(await have(run)).toEqual({ available: true, detail: 'Kafka 4.1.0 on Java 17' })
  })

  it('needs no Maven once Kafka has been fetched', async () => {
    await mkdir(jarFolder(env), { recursive: true })
    expect(dirname(dirname(jarFolder(env)))).toBe(env.XDG_CACHE_HOME)
    expect(await have(machine({ 'java -version': java('21') }))).toEqual({ available: true, detail: 'Kafka 4.1.0 on Java 21' })
  })

  it('takes the Java of JAVA_HOME', async () => {
    env.JAVA_HOME = '/jdk'
    const run = machine({ '/jdk/bin/java -version': java('17.0.1'), 'java -version': java('11.0.2'), 'mvn --version': { code: 0, output: '' } })
    expect(await have(run)).toMatchObject({ available: true })
  })

  it.each([
    { without: 'java', commands: {}, reason: 'there is no java: install Java 17 or newer' },
    { without: 'Maven', commands: { 'java -version': java('17') }, reason: 'there is no mvn, to fetch Kafka with: install Maven' },
    {
      without: 'a Java that is new enough',
      commands: { 'java -version': java('11.0.2') },
      reason: 'java is version 11: install Java 17 or newer, or set JAVA_HOME to it',
    },
  ])('is not there without $without', async ({ commands, reason }) => {
    expect(await have(machine(commands))).toEqual({ available: false, reason })
  })
})
