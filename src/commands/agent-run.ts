import type { Logger } from 'pino'
import { createDiscoveryAgent, type DiscoveryAgent } from '../agent/agent.ts'
import { createAgentApp } from '../http/agent-app.ts'
import { listen } from '../http/listen.ts'
import { createKafka } from '../kafka/client.ts'
import { Lifecycle } from '../lifecycle.ts'
import { createAgentPage, type AgentFamily } from '../prometheus/agent-metrics.ts'
import { version } from '../version.ts'
import type { AgentSettings } from './agent-options.ts'

/** Where an agent's events come from. */
export interface EventSource {
  /** What it counts itself. */
  families: readonly AgentFamily[]
  /** Resolves once events may come; rejects where they cannot. */
  start: () => Promise<void>
  /** Resolves once no more events come. */
  stop: () => Promise<void>
}

export interface AgentRun {
  /** The text of the agent's id before the `/`; its service is named so, too. */
  kind: string
  log: Logger
  /** Aborts when the agent is to stop. */
  signal: AbortSignal
  /** Makes the source, which records by what it is given. */
  source: (agent: DiscoveryAgent) => EventSource
}

const HTTP_GRACE_MS = 1_000
/** The source's stop, the agent's last words and the web server's grace, beside the time for what is recorded. */
const BESIDE_MS = 4_000

/** An agent may do without a page of its own. */
export type RunSettings = Omit<AgentSettings, 'web.listen-address'> & { 'web.listen-address': AgentSettings['web.listen-address'] | undefined }

/** Runs an agent until `signal` aborts: first its source stops, then what is recorded is sent. Resolves with the exit code. */
export async function runAgent(settings: RunSettings, { kind, log, signal, source }: AgentRun): Promise<number> {
  const deadline = settings['agent.stop-timeout']
  const lifecycle = new Lifecycle(log)
  const agent = createDiscoveryAgent({
    kafka: createKafka(settings, log),
    service: `discovery-${kind}-agent`, kind, topicPrefix: settings['kafka.topic-prefix'], queueLimit: settings['agent.queue-limit'],
    onError: error => log.warn({ code: error.code }, error.message),
  })
  lifecycle.onStop('the sender', () => agent.close(deadline))
  const { families, start, stop } = source(agent)
  try {
    const address = settings['web.listen-address']
    if (address !== undefined) {
      const server = await listen(createAgentApp(createAgentPage(() => agent.report(), families)), address, { config: settings['web.config.file'], log })
      lifecycle.onStop('the web server', () => server.close(HTTP_GRACE_MS))
    }
    await start()
  } catch (error) {
    await lifecycle.stop(deadline + BESIDE_MS)
    throw error
  }
  lifecycle.onStop('the source', stop)
  log.info(`discovery-metrics ${version}: ${agent.agentId} runs`)
  await aborted(signal)
  log.info('stopping')
  const clean = await lifecycle.stop(deadline + BESIDE_MS)
  const { recorded, sent } = agent.report()
  log.info({ recorded, sent }, sent === recorded ? 'all that was recorded is sent' : `${recorded - sent} of ${recorded} events were not sent`)
  return clean ? 0 : 1
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
