import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../broker/ports.ts'
import { sharedBroker, uniquePrefix } from '../support/shared-broker.ts'
import { until } from '../support/until.ts'
import { TopicSet } from './topic-set.ts'

const mainFile = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

async function stopped(child: ChildProcess): Promise<number | null> {
  child.kill('SIGTERM')
  await once(child, 'exit')
  return child.exitCode
}

describe('a replica', () => {
  const { brokers } = sharedBroker()
  const prefix = uniquePrefix()
  const topics = new TopicSet({ brokers, prefix, partitions: 1 })

  beforeAll(async () => {
    await topics.open()
    await topics.create()
    await topics.lookups([{}])
  })

  afterAll(() => topics.close())

  /** Resolves once it is ready and has counted; `stderr` is where its log goes. */
  async function counting(nodeFlags: readonly string[], { stderr, flags = [] }: { stderr: 'pipe' | number; flags?: readonly string[] }): Promise<ChildProcess> {
    const port = await freePort()
    const kafka = [`--kafka.brokers=${brokers.join(',')}`, `--kafka.topic-prefix=${prefix}`, `--kafka.group-id=${prefix}group`]
    const args = [...nodeFlags, mainFile, 'serve', `--web.listen-address=127.0.0.1:${port}`, ...kafka, ...flags]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', stderr] })
    const paths = ['/-/ready', '/', '/api/v1/graph', '/docs/metrics']
    await until(async () => {
      const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      const statuses = await Promise.all(paths.map(async path => (await fetch(`http://127.0.0.1:${port}${path}`)).status))
      return /^discovery_lookups_total\{.*} 1$/m.test(page) && statuses.every(status => status === 200)
    }, { timeoutMs: 30_000, message: 'it counts and shows' })
    return child
  }

  it('writes to no disk: it reads, counts, shows and stops where Node lets it write no file at all', async () => {
    const child = await counting(['--permission', '--allow-fs-read=*', '--allow-addons', '--allow-worker'], { stderr: 'pipe' })
    const said = child.stderr === null ? '' : text(child.stderr)
    expect(await stopped(child)).toBe(0)
    expect(await said).not.toMatch(/ERR_ACCESS_DENIED|ERROR|FATAL/)
  })

  it.each(['text', 'json'])('goes on where the disk that its log goes to is full (%s)', async format => {
    const full = openSync('/dev/full', 'w')
    try {
      expect(await stopped(await counting([], { stderr: full, flags: [`--log.format=${format}`, '--log.level=debug'] }))).toBe(0)
    } finally {
      closeSync(full)
    }
  })
})
