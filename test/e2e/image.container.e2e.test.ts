import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../../src/version.ts'
import { until } from '../support/until.ts'
import { buildImage, docker, image } from './image.ts'

const hardened = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges']

describe('the image', () => {
  beforeAll(buildImage)

  it('runs the command', async () => {
    expect(await docker(['run', '--rm', ...hardened, image, '--version'])).toBe(version)
  })

  it('says what is wrong with a configuration and exits 2', async () => {
    const wrong = docker(['run', '--rm', ...hardened, '--env', 'KAFKA_SESSION_TIMEOUT=soon', image])
    await expect(wrong).rejects.toThrow(/failed \(2\)[^]*KAFKA_SESSION_TIMEOUT[^]*soon/)
  })

  it('has a user that Kubernetes can tell is not root', async () => {
    expect(await docker(['image', 'inspect', '--format', '{{.Config.User}}', image])).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(Number(await docker(['run', '--rm', '--entrypoint=node', image, '--print', 'process.getuid()']))).toBeGreaterThan(0)
  })

  it('holds nothing but what serves', async () => {
    const sources = ['/app', '-not', '-path', '*/node_modules/*', '-name', '*.ts', '-not', '-name', '*.d.ts']
    expect(await docker(['run', '--rm', '--entrypoint=find', image, ...sources])).toBe('')
    const modules = (await docker(['run', '--rm', '--entrypoint=ls', image, '/app/node_modules'])).split('\n')
    expect(modules).toContain('kafkajs')
    expect(modules.filter(name => ['typescript', 'vitest', 'testcontainers', 'dns2', 'node'].includes(name))).toEqual([])
  })

  describe('with a root file system that cannot be written, and Kafka away', () => {
    let container = ''

    beforeAll(async () => {
      container = await docker(['run', '--detach', ...hardened, '--health-interval=1s', '--env=WEB_LISTEN_ADDRESS=:9999', image])
    })

    afterAll(async () => {
      if (container !== '') await docker(['rm', '--force', container])
    })

    it('becomes healthy by its own check, without being ready', async () => {
      const health = (): Promise<string> => docker(['inspect', '--format', '{{.State.Health.Status}}', container])
      await until(async () => (await health()) === 'healthy', { timeoutMs: 30_000, message: 'the container is healthy' })
      const ask = "fetch('http://127.0.0.1:9999/-/ready').then(({ status }) => console.log(status))"
      expect(await docker(['exec', container, 'node', '--eval', ask])).toBe('503')
    })

    it('ends with 0 within ten seconds of SIGTERM', async () => {
      const sent = performance.now()
      await docker(['kill', '--signal=TERM', container])
      expect(await docker(['wait', container])).toBe('0')
      expect(performance.now() - sent).toBeLessThan(10_000)
    })
  })
})
