import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers'
import { asEnvironment, commonSettings, heapOptions } from './settings.ts'

const CLIENT_PORT = 9092
const START_MS = 120_000

export interface KafkaContainer {
  readonly id: string
  readonly address: string
  /** Starts the container again and waits until the broker answers. */
  readonly restart: () => Promise<void>
}

export interface KafkaContainerOptions {
  readonly image: string
  /** On the host. Fixed, since the broker advertises it: a mapped port changes when the container starts again. */
  readonly port: number
  /** Called before the container runs. */
  readonly onCreated: (id: string) => void
}

/** Starts one KRaft node; resolves once it answers. */
export async function startKafkaContainer(options: KafkaContainerOptions): Promise<KafkaContainer> {
  const host = await engineHost()
  const started = await new LoopbackContainer(options, host)
    .withEnvironment(environment(`${host}:${options.port}`))
    .withWaitStrategy(Wait.forLogMessage('Kafka Server started'))
    .withStartupTimeout(START_MS)
    .start()
  return {
    id: started.getId(),
    address: `${host}:${options.port}`,
    restart: () => started.restart({ timeout: 0 }),
  }
}

async function engineHost(): Promise<string> {
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime
  return host === 'localhost' ? '127.0.0.1' : host
}

/** A broker without a password listens on loopback only, wherever the engine is on this machine. */
class LoopbackContainer extends GenericContainer {
  readonly #onCreated: (id: string) => void

  constructor({ image, port, onCreated }: KafkaContainerOptions, host: string) {
    super(image)
    this.#onCreated = onCreated
    this.withExposedPorts({ container: CLIENT_PORT, host: port })
    const HostIp = host === '127.0.0.1' ? host : ''
    this.hostConfig.PortBindings = { [`${CLIENT_PORT}/tcp`]: [{ HostIp, HostPort: String(port) }] }
  }

  protected override containerCreated(id: string): Promise<void> {
    this.#onCreated(id)
    return Promise.resolve()
  }
}

/** Any one `KAFKA_*` variable makes the image drop its own settings, so this names them all. */
function environment(address: string): Record<string, string> {
  return {
    KAFKA_HEAP_OPTS: heapOptions.join(' '),
    ...asEnvironment({
      ...commonSettings,
      listeners: `CLIENT://0.0.0.0:${CLIENT_PORT},BROKER://localhost:9093,CONTROLLER://localhost:9094`,
      'advertised.listeners': `CLIENT://${address},BROKER://localhost:9093`,
      'listener.security.protocol.map': 'CLIENT:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'inter.broker.listener.name': 'BROKER',
      'controller.quorum.voters': '1@localhost:9094',
      'log.dirs': '/tmp/kraft-combined-logs',
    }),
  }
}
