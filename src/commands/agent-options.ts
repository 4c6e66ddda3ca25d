import { boolean, durationWithin, wholeNumber, type OptionSpecs, type OptionValues } from '../config.ts'
import { webOptions } from '../http/options.ts'
import { connectionOptions } from '../kafka/options.ts'
import { logOptions } from '../logging.ts'

/** What every agent is told. */
export const agentOptions = {
  ...connectionOptions,
  'agent.queue-limit': {
    help: 'Events that may wait for Kafka; more are dropped and counted', placeholder: '<number>', fallback: '100000',
    parse: wholeNumber(1, 10_000_000),
  },
  'agent.stop-timeout': {
    help: 'How long to go on sending what is recorded once told to stop', placeholder: '<duration>', fallback: '5s',
    parse: durationWithin('0ms', '5m'),
  },
  'web.listen-address': { ...webOptions['web.listen-address'], help: 'Where to serve this agent’s own metrics', fallback: '127.0.0.1:9465' },
  'web.config.file': webOptions['web.config.file'],
  'check-config': {
    help: 'Say what is wrong with the configuration, and do nothing else', placeholder: '[true|false]', fallback: 'false', parse: boolean,
  },
  ...logOptions,
} satisfies OptionSpecs

export type AgentSettings = OptionValues<typeof agentOptions>
