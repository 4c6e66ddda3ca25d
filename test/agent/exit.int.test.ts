import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const sdk = new URL('../../src/sdk.ts', import.meta.url).href

/** A host on a Kafka that is not there: nobody listens on port 1. */
function host(ending: string): string {
  return `
    import { Kafka, logLevel } from 'kafkajs'
    import { createDiscoveryAgent } from ${JSON.stringify(sdk)}
    const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
    const agent = createDiscoveryAgent({ kafka, service: 'host' })
    agent.recordLookup({ service: 'cart' })
    ${ending}
  `
}

async function outputOf(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    timeout: 20_000, env: { ...process.env, KAFKAJS_NO_PARTITIONER_WARNING: '1', NODE_NO_WARNINGS: '1' },
  })
  return stdout
}

describe('a host whose agent has no Kafka', () => {
  it('can end when it has nothing more to do', async () => {
    expect(await outputOf(host('console.log("done")'))).toBe('done\n')
  })

  it('lives for as long as it waits for a close', async () => {
    const ending = 'await agent.close(300); console.log(agent.report().droppedShutdown)'
    expect(await outputOf(host(ending))).toBe('1\n')
  })

  it('lives for as long as it waits for a flush', async () => {
    const ending = 'setTimeout(() => agent.close(0), 300).unref(); await agent.flush(); console.log(agent.report().droppedShutdown)'
    expect(await outputOf(host(ending))).toBe('1\n')
  })
})
