import { wholeNumber, type OptionSpecs, type OptionValues } from '../config.ts'
import { optionalAddress } from '../http/options.ts'
import { agentOptions } from './agent-options.ts'
import { sourceName } from './source-name.ts'

export const ingestAgentOptions = {
  ...agentOptions,
  'web.listen-address': {
    help: 'Where to serve this agent’s own metrics; nowhere unless given, or 127.0.0.1:9465 beside --ingest.listen-address',
    placeholder: '<[host]:port>', fallback: '', parse: optionalAddress,
  },
  'ingest.listen-address': {
    help: 'Take events by HTTP here instead of from standard input; --web.config.file says from whom', placeholder: '<[host]:port>', fallback: '',
    parse: optionalAddress,
  },
  'ingest.max-line-bytes': { help: 'A longer line is no event', placeholder: '<number>', fallback: '16384', parse: wholeNumber(256, 1_048_576) },
  'ingest.max-body-bytes': {
    help: 'A larger request is refused', placeholder: '<number>', fallback: '1048576', parse: wholeNumber(1_024, 67_108_864),
  },
  'ingest.max-requests': { help: 'More requests at once are told to come again', placeholder: '<number>', fallback: '64', parse: wholeNumber(1, 10_000) },
  'ingest.source': {
    help: 'Which registry events speak of that do not say so', placeholder: '<name>', fallback: 'ingest', parse: sourceName,
  },
} satisfies OptionSpecs

export type IngestAgentSettings = OptionValues<typeof ingestAgentOptions>
