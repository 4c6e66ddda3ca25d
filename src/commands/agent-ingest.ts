import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { DiscoveryAgent } from '../agent/agent.ts'
import { Intake, lineResults, type NumberedFault } from '../agent/ingest/intake.ts'
import { LineReader } from '../agent/ingest/line-reader.ts'
import { readOptions } from '../config.ts'
import { createIntakeApp, intakeStatuses, type IntakeAnswer } from '../http/intake-app.ts'
import { listen, type WebServer } from '../http/listen.ts'
import type { ListenAddress } from '../http/options.ts'
import { kafkaRules } from '../kafka/options.ts'
import type { AgentFamily } from '../prometheus/agent-metrics.ts'
import { ingestAgentOptions, type IngestAgentSettings } from './agent-ingest-options.ts'
import { runAgent, type EventSource } from './agent-run.ts'
import type { Running } from './lasting.ts'

const HTTP_GRACE_MS = 2_000
const OWN_PAGE: ListenAddress = { host: '127.0.0.1', port: 9_465 }
/** A line that is no event, or was not read, or an event that was not sent. */
const EXIT_INCOMPLETE = 1

export { ingestAgentOptions }

export function readIngestAgentOptions(command: Command): IngestAgentSettings {
  return readOptions(command, ingestAgentOptions, kafkaRules)
}

/**
 * Takes events until `signal` aborts or standard input ends, or only says that its configuration is well. Resolves with the exit code; what
 * was piped in has to be published to the last line for it to be 0.
 */
export async function agentIngest(settings: IngestAgentSettings, { log, signal, print }: Running): Promise<number> {
  if (settings['check-config']) {
    print('the configuration is well')
    return 0
  }
  const address = settings['ingest.listen-address']
  if (address !== undefined) {
    const own = settings['web.listen-address'] ?? OWN_PAGE
    return runAgent({ ...settings, 'web.listen-address': own }, {
      kind: 'ingest', log, signal, source: agent => httpSource(settings, { intake: intakeOf(settings, agent), address, log }),
    })
  }
  return fromStandardInput(settings, { log, signal, print })
}

async function fromStandardInput(settings: IngestAgentSettings, { log, signal }: Running): Promise<number> {
  const ended = new AbortController()
  let run: { agent: DiscoveryAgent; intake: Intake } | undefined
  let isReadable = true
  const code = await runAgent(settings, {
    kind: 'ingest', log, signal: AbortSignal.any([signal, ended.signal]),
    source: agent => {
      const intake = intakeOf(settings, agent)
      const reader = new LineReader({
        input: process.stdin, intake, maxLineBytes: settings['ingest.max-line-bytes'], onFault: fault => console.error(textOf(fault)),
      })
      run = { agent, intake }
      return {
        families: [linesFamily(intake)],
        start: () => {
          void reader.read().catch((error: unknown) => {
            isReadable = false
            log.error({ error }, 'standard input cannot be read any further; send again what follows the last line that was taken')
          }).then(() => ended.abort())
          return Promise.resolve()
        },
        stop: () => Promise.resolve(reader.stop()),
      }
    },
  })
  return code === 0 && (!isReadable || (run !== undefined && !isComplete(run))) ? EXIT_INCOMPLETE : code
}

function isComplete({ agent, intake }: { agent: DiscoveryAgent; intake: Intake }): boolean {
  const { recorded, sent } = agent.report()
  return intake.count('faulty') === 0 && sent === recorded
}

function httpSource(
  settings: IngestAgentSettings, { intake, address, log }: { intake: Intake; address: ListenAddress; log: Logger },
): EventSource {
  const answers = new Map<IntakeAnswer, number>()
  const app = createIntakeApp({
    take: body => intake.body(body),
    count: answer => answers.set(answer, (answers.get(answer) ?? 0) + 1),
    maxBodyBytes: settings['ingest.max-body-bytes'], maxRequests: settings['ingest.max-requests'],
  })
  let server: WebServer | undefined
  return {
    families: [linesFamily(intake), {
      name: 'ingest_requests', type: 'counter', help: 'Requests by how they were answered',
      read: () => Object.keys(intakeStatuses).map(result => ({ result, value: answers.get(result as IntakeAnswer) ?? 0 })),
    }],
    start: async () => {
      server = await listen(app, address, { flag: '--ingest.listen-address', config: settings['web.config.file'], log })
      log.info(`events are taken by POST at ${server.url}/v1/events`)
    },
    stop: async () => { if (server !== undefined) await server.close(HTTP_GRACE_MS) },
  }
}

function intakeOf(settings: IngestAgentSettings, agent: DiscoveryAgent): Intake {
  return new Intake({
    maxLineBytes: settings['ingest.max-line-bytes'], source: settings['ingest.source'], queueLimit: settings['agent.queue-limit'],
  }, agent)
}

function linesFamily(intake: Intake): AgentFamily {
  return {
    name: 'ingest_lines', type: 'counter', help: 'Lines by what became of them',
    read: () => lineResults.map(result => ({ result, value: intake.count(result) })),
  }
}

function textOf({ line, field, expected, found }: NumberedFault): string {
  return `line ${line}: ${field === '' ? '' : `${field} `}must be ${expected}, not ${found}`
}
