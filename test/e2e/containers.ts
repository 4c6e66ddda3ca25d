import { GenericContainer, Network, Wait, type StartedNetwork, type StartedTestContainer } from 'testcontainers'
import { kafkaImage } from '../../broker/docker.ts'
import { startGuard } from '../../broker/guard.ts'
import { freePort } from '../../broker/ports.ts'
import { asEnvironment, commonSettings, heapOptions } from '../../broker/settings.ts'
import { image } from './image.ts'

const START_MS = 120_000
const WEB_PORT = 9464
const HOST_LISTENER = 9092
/** Where the other containers of the network find the broker. */
const insideAddress = 'kafka:9095'

const guard = startGuard()

/** A container that does not outlive this process, and whose ports are bound on loopback. */
class TestContainer extends GenericContainer {
  bindLoopback(container: number, host = 0): this {
    this.withExposedPorts(container)
    this.hostConfig.PortBindings = { [`${container}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(host) }] }
    return this
  }

  protected override containerCreated(id: string): Promise<void> {
    guard.guard(`container ${id}`)
    return Promise.resolve()
  }
}

/** A Kafka in a network, for clients on this machine and in the network. */
export class KafkaNetwork {
  /** `host:port` for this machine's clients. */
  readonly address: string
  readonly #network: StartedNetwork
  readonly #started: StartedTestContainer[]

  private constructor(network: StartedNetwork, { address, kafka }: { address: string; kafka: StartedTestContainer }) {
    this.address = address
    this.#network = network
    this.#started = [kafka]
  }

  static async start(): Promise<KafkaNetwork> {
    const network = await new Network().start()
    const port = await freePort()
    const address = `127.0.0.1:${port}`
    const kafka = await new TestContainer(kafkaImage)
      .bindLoopback(HOST_LISTENER, port)
      .withNetwork(network)
      .withNetworkAliases('kafka')
      .withEnvironment(kafkaEnvironment(address))
      .withWaitStrategy(Wait.forLogMessage('Kafka Server started'))
      .withStartupTimeout(START_MS)
      .start()
    return new KafkaNetwork(network, { address, kafka })
  }

  /** Runs `discovery-metrics topics` to its end; rejects if that is not 0. */
  async createTopics(): Promise<void> {
    this.#started.push(await this.#command(['topics']).withWaitStrategy(Wait.forOneShotStartup()).start())
  }

  /** Starts `discovery-metrics serve`; resolves to its address on this machine once it is ready. */
  async startReplica(): Promise<string> {
    const wait = Wait.forHttp('/-/ready', WEB_PORT).forStatusCode(200)
    const replica = await this.#command(['serve']).bindLoopback(WEB_PORT).withWaitStrategy(wait).start()
    this.#started.push(replica)
    return `http://127.0.0.1:${replica.getMappedPort(WEB_PORT)}`
  }

  async stop(): Promise<void> {
    for (const container of this.#started.toReversed()) await container.stop()
    await this.#network.stop()
  }

  #command(args: string[]): TestContainer {
    return new TestContainer(image)
      .withNetwork(this.#network)
      .withEnvironment({ KAFKA_BROKERS: insideAddress })
      .withCommand(args)
      .withStartupTimeout(START_MS)
  }
}

/** Any one `KAFKA_*` variable makes the image drop its own settings, so this names them all. */
function kafkaEnvironment(address: string): Record<string, string> {
  return {
    KAFKA_HEAP_OPTS: heapOptions.join(' '),
    ...asEnvironment({
      ...commonSettings,
      listeners: `HOST://0.0.0.0:${HOST_LISTENER},NETWORK://0.0.0.0:9095,BROKER://localhost:9093,CONTROLLER://localhost:9094`,
      'advertised.listeners': `HOST://${address},NETWORK://${insideAddress},BROKER://localhost:9093`,
      'listener.security.protocol.map': 'HOST:PLAINTEXT,NETWORK:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'inter.broker.listener.name': 'BROKER',
      'controller.quorum.voters': '1@localhost:9094',
      'log.dirs': '/tmp/kraft-combined-logs',
    }),
  }
}
