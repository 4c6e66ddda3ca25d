import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { BrokerError } from './errors.ts'
import type { Guard } from './guard.ts'
import type { Run } from './run.ts'
import { heapOptions } from './settings.ts'

const READY_MS = 60_000
const FORMAT_MS = 60_000
const STOP_LOOK_MS = 10
const STOP_LOOKS = 1_000
const LAST_LINES = 40
const READY_LINE = 'Kafka Server started'

/** Kafka's jars, a JVM for them, and one broker's own folder with `server.properties`, `log4j2.properties` and `tmp`. */
export interface KafkaHome {
  readonly java: string
  readonly jars: string
  readonly folder: string
  /** Java's system properties. */
  readonly properties: Readonly<Record<string, string>>
}

export interface KafkaProcess {
  /** SIGSTOP; resolves once the process stands still, which on a busy machine is later than the signal. */
  pause(): Promise<void>
  resume(): void
  /** SIGKILL, which a stopped process obeys too; resolves once it is dead. */
  kill(): Promise<void>
}

/** Makes the broker's data folder a KRaft node's own. */
export async function formatStorage(home: KafkaHome, { clusterId, scram }: { clusterId: string; scram: readonly string[] }, run: Run): Promise<void> {
  // With "=": an id may begin with a dash.
  const tool = ['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '--config', properties(home), ...scram.flatMap(user => ['--add-scram', user])]
  const { code, output } = await run(home.java, [...jvmArguments(home), '-XX:TieredStopAtLevel=1', ...tool], { timeoutMs: FORMAT_MS })
  if (code !== 0) throw new BrokerError('START_FAILED', `Kafka could not format its storage: ${output.trim().slice(-2000)}`)
}

/** Starts the broker under the guard's eye; resolves once it has started. */
export async function startKafka(home: KafkaHome, guard: Guard): Promise<KafkaProcess> {
  const args = [...jvmArguments(home), ...heapOptions, 'kafka.Kafka', properties(home)]
  // Detached: Ctrl-C in a terminal reaches the whole process group, and whoever uses the broker has to drain first.
  const child = spawn(home.java, args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  const pid = await spawned(child)
  guard.guard(`pid ${pid}`)
  const dead = once(child, 'exit')
  child.once('exit', () => {
    guard.forget(`pid ${pid}`)
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await dead
  }
  const { ready, last } = followLines(child.stdout)
  if (!(await within(READY_MS, Promise.race([ready, dead.then(() => false)])))) {
    await kill()
    throw new BrokerError('START_FAILED', `Kafka did not start within ${READY_MS / 1000} s. Its last lines:\n${last.join('\n')}`)
  }
  const pause = async (): Promise<void> => {
    child.kill('SIGSTOP')
    for (let looks = 0; !(await standsStill(pid)); looks++) {
      if (looks === STOP_LOOKS) throw new BrokerError('WRONG_STATE', `Kafka (pid ${pid}) runs on after SIGSTOP: who continues it?`)
      await setTimeout(STOP_LOOK_MS)
    }
  }
  return { kill, pause, resume: () => void child.kill('SIGCONT') }
}

/** By Linux' account of it (proc(5), state T); elsewhere nobody can tell, and it is taken for granted. */
async function standsStill(pid: number): Promise<boolean> {
  const account = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return account === undefined || /\) T /.test(account)
}

function jvmArguments({ jars, folder, properties: system }: KafkaHome): string[] {
  return [
    '-XX:+UseSerialGC',
    '-XX:-UsePerfData',
    '-XX:+ExitOnOutOfMemoryError',
    `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
    `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`,
    ...Object.entries(system).map(([name, value]) => `-D${name}=${value}`),
    '-cp',
    join(jars, '*'),
  ]
}

function properties({ folder }: KafkaHome): string {
  return join(folder, 'server.properties')
}

async function spawned(child: ChildProcess): Promise<number> {
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new BrokerError('START_FAILED', `java could not be run: ${String(cause)}`, { cause })
  }
  return child.pid ?? -1
}

interface Lines {
  /** The newest lines, as long as the process writes. */
  readonly last: readonly string[]
  readonly ready: Promise<boolean>
}

/** Drains the output for good, since a full pipe would block the broker. */
function followLines(stream: Readable): Lines {
  const last: string[] = []
  const ready = new Promise<boolean>((resolve) => {
    createInterface({ input: stream }).on('line', (line) => {
      last.push(line)
      if (last.length > LAST_LINES) last.shift()
      if (line.includes(READY_LINE)) resolve(true)
    })
  })
  return { last, ready }
}

/** The answer, or false if it takes longer. */
async function within(limitMs: number, answer: Promise<boolean>): Promise<boolean> {
  const late = new AbortController()
  const limit = setTimeout(limitMs, false, { signal: late.signal })
  limit.catch(() => undefined)
  try {
    return await Promise.race([answer, limit])
  } finally {
    late.abort()
  }
}
