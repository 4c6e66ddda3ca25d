import { brokerKinds } from './broker.ts'
import type { Broker, BrokerKind, Way, WayContext } from './broker.ts'
import { dockerWay } from './docker.ts'
import { BrokerError } from './errors.ts'
import { externalWay } from './external.ts'
import { javaWay } from './java.ts'
import { runCommand } from './run.ts'

export interface FindOptions {
  /** `KAFKA_BROKERS`, `BROKER`, and what the ways read (`JAVA_HOME`, `DOCKER_HOST`, …). Default: the process's own. */
  readonly env?: NodeJS.ProcessEnv
  readonly onProgress?: (text: string) => void
  /** Default: {@link allWays}. */
  readonly ways?: readonly Way[]
}

/** In the order of trying. */
export const allWays: readonly Way[] = [externalWay, dockerWay(runCommand), javaWay(runCommand)]

/** A way that can be opened here and now. */
export interface ChosenWay {
  readonly kind: BrokerKind
  /** For people: addresses, image or version. */
  readonly detail: string
  open(): Promise<Broker>
}

/**
 * Finds a broker and starts it where it is ours to start (DESIGN.md section 8).
 * Rejects with a {@link BrokerError}: `BAD_CHOICE`, `UNAVAILABLE`, `NO_BROKER` or `START_FAILED`.
 */
export async function findBroker(options: FindOptions = {}): Promise<Broker> {
  return (await chooseWay(options)).open()
}

/** The first way that can be had, or the one that `BROKER` forces; not started yet. Rejects as {@link findBroker} does. */
export async function chooseWay(options: FindOptions = {}): Promise<ChosenWay> {
  const { env = process.env, onProgress = () => undefined, ways = allWays } = options
  const context: WayContext = { env, onProgress }
  const forced = forcedKind(env)
  const reasons: string[] = []
  for (const way of ways.filter(({ kind }) => forced === undefined || kind === forced)) {
    const answer = await way.available(context)
    if (answer.available) return { kind: way.kind, detail: answer.detail, open: () => way.open(context) }
    reasons.push(`${way.kind}: ${answer.reason}`)
  }
  throw forced === undefined ? noBroker(reasons) : new BrokerError('UNAVAILABLE', `BROKER=${forced} cannot be had: ${reasons.join('; ')}`)
}

function forcedKind(env: NodeJS.ProcessEnv): BrokerKind | undefined {
  const text = env['BROKER'] ?? ''
  if (text === '') return undefined
  const kind = brokerKinds.find((known) => known === text)
  if (kind !== undefined) return kind
  throw new BrokerError('BAD_CHOICE', `BROKER=${text} names no way to a broker: use ${brokerKinds.join(', ')}, or leave it out`)
}

function noBroker(reasons: readonly string[]): BrokerError {
  return new BrokerError(
    'NO_BROKER',
    [
      'no Kafka broker can be had here. Any one of these will do:',
      '  - set KAFKA_BROKERS=host:port to a broker that is there',
      '  - start a Docker engine that has or can pull the image apache/kafka',
      '  - install Java 17 and Maven (Debian: apt-get install -y default-jre-headless maven)',
      'What was found:',
      ...reasons.map((reason) => `  - ${reason}`),
    ].join('\n'),
  )
}
