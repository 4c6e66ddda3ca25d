import type { Broker, Way, WayContext } from './broker.ts'
import { haveImage, removeContainer, sparePulls } from './docker-engine.ts'
import { BrokerError } from './errors.ts'
import { startGuard } from './guard.ts'
import type { Guard } from './guard.ts'
import { freePort } from './ports.ts'
import type { Run } from './run.ts'
import { kafkaVersion } from './settings.ts'
import type { KafkaContainer } from './kafka-container.ts'

export const kafkaImage = `apache/kafka:${kafkaVersion}`
const COMMAND_MS = 20_000

/** Apache Kafka's own image through testcontainers. */
export function dockerWay(run: Run): Way {
  return {
    kind: 'docker',
    available: ({ onProgress }) => haveImage(kafkaImage, { run, onProgress }),
    open: (context) => openContainer(run, context),
  }
}

async function openContainer(run: Run, { env, onProgress }: WayContext): Promise<Broker> {
  await sparePulls(env, run)
  onProgress(`docker: starting ${kafkaImage}`)
  const guard = startGuard()
  try {
    // Loaded only here: testcontainers takes half a second to import, and reads the environment that was settled above.
    const { startKafkaContainer } = await import('./kafka-container.ts')
    const container = await startKafkaContainer({
      image: kafkaImage,
      port: await freePort(),
      onCreated: (id) => {
        guard.guard(`container ${id}`)
      },
    })
    return containerBroker(container, { run, guard })
  } catch (cause) {
    guard.abandon()
    throw new BrokerError('START_FAILED', `${kafkaImage} did not start: ${String(cause)}. Try BROKER=java`, { cause })
  }
}

function containerBroker({ id, address, restart }: KafkaContainer, { run, guard }: { run: Run; guard: Guard }): Broker {
  const docker = async (...args: string[]): Promise<void> => {
    const { code, output } = await run('docker', [...args, id], { timeoutMs: COMMAND_MS })
    if (code !== 0) throw new BrokerError('WRONG_STATE', `docker ${args.join(' ')} of the broker failed: ${output.trim()}`)
  }
  let running = true
  return {
    kind: 'docker',
    brokers: [address],
    async kill() {
      // A paused container cannot be killed.
      await run('docker', ['unpause', id], { timeoutMs: COMMAND_MS })
      await docker('kill', '--signal', 'KILL')
      await docker('wait')
      running = false
    },
    async start() {
      if (running) throw new BrokerError('WRONG_STATE', `the broker at ${address} runs already: kill() it first`)
      await restart()
      running = true
    },
    pause: () => docker('pause'),
    async resume() {
      const { code, output } = await run('docker', ['unpause', id], { timeoutMs: COMMAND_MS })
      if (code !== 0 && !output.includes('is not paused')) throw new BrokerError('WRONG_STATE', `docker unpause of the broker failed: ${output.trim()}`)
    },
    async stop() {
      await removeContainer(id, run)
      guard.release()
    },
  }
}
