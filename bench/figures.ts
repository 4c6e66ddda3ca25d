import type { Line } from './document.ts'
import type { Spread } from './pairs.ts'

/** Tables in Markdown for docs/performance.md, by name; only those that the history has results for. */
export function figureBlocks(latest: ReadonlyMap<string, Line>): Map<string, string> {
  const blocks = new Map<string, string>()
  for (const [name, write] of Object.entries(writers)) {
    const line = latest.get(name)
    if (line !== undefined) blocks.set(name, `${write(line)}\n\n${provenance(line)}`)
  }
  const any = [...latest.values()].at(-1)
  if (any !== undefined) blocks.set('machine', `${text(any['machine'])}; the broker runs on the same cores.`)
  return blocks
}

const writers: Readonly<Record<string, (line: Line) => string>> = {
  fold: line => table(['', 'min', 'median', 'max'], spreads(line, {
    foldPerSecond: 'folded, events/s', decodeAndCountPerSecond: 'only decoded and counted, events/s', ratio: 'ratio',
  })),
  drain: line => table(['', 'min', 'median', 'max'], spreads(line, {
    recordsPerSecond: 'until shown, events/s', readPerSecond: 'until read, events/s', kafkajsPerSecond: 'kafkajs, events/s',
    rateRatio: 'rate until shown against kafkajs', readRatio: 'rate until read against kafkajs', cpuMicrosPerRecord: 'µs of CPU per event, until read',
    kafkajsCpuMicrosPerRecord: 'kafkajs, µs of CPU per event', cpuRatio: 'CPU per event against kafkajs',
  })),
  freshness: line => table(['', 'p50', 'p95', 'p99', 'max'], [['made to visible, s', ...values(line['seenSeconds'], ['p50', 'p95', 'p99', 'max'])]]),
  loop: line => table(['phase', 'longest block, ms'], [
    ['drain', text(line['drainMillis'])], ['checkpoint', text(line['checkpointMillis'])], ['scrape', text(line['scrapeMillis'])],
    ['restore', text(line['restoreMillis'])], ['(series)', text(line['series'])],
  ]),
  memory: line => table(['', 'series', 'RSS, MiB', 'peak RSS, MiB', 'heap and external, bytes per series'], ['folded', 'rested', 'restored'].map(name => (
    [name, ...values(line[name], ['series', 'residentMebibytes', 'peakMebibytes', 'heldBytesPerSeries'])]))),
  scale: line => table(['', 'lag p50, s', 'lag p99, s', 'lag max, s', 'µs of CPU per event', 'the same while it is scraped', 'RSS, MiB', 'longest block, ms', 'series'], ['large', 'small'].map(name => {
    const side = line[name] as Line
    return [name, ...values(side['lagSeconds'], ['p50', 'p99', 'max']), ...values(side, ['cpuMicrosPerRecord', 'cpuMicrosPerRecordScraped', 'residentMebibytes', 'longestBlockMillis', 'series'])]
  })),
  checkpoint: line => table(['', 'min', 'median', 'max'], spreads(line, {
    recordsPerSecond: 'with checkpoints, events/s', recordsPerSecondWithout: 'without, events/s', rateRatio: 'rate with against without', cpuRatio: 'CPU with against without',
  })),
  restore: line => table(['round', 'until ready, s', 'only read, s', 'ratio', 'peak RSS, MiB', 'longest block, s'], (line['rounds'] as Line[]).map((round, index) => (
    [text(index + 1), ...values(round, ['readySeconds', 'bareReadSeconds', 'ratio', 'peakMebibytes', 'longestBlockSeconds'])]))),
  exposition: line => table(['', 'min', 'median', 'max'], spreads(line, {
    textCpuSeconds: 'text, s of CPU per million series', openMetricsCpuSeconds: 'OpenMetrics, s of CPU per million series',
    gzipCpuSeconds: 'gzip of it, s of CPU per million series', oneFamilyCpuMillis: 'one family of it, ms of CPU', longestBlockMillis: 'longest block, ms',
    promClientCpuSeconds: 'prom-client, s of CPU per million series', ratio: 'prom-client against ours',
  })),
  graph: line => table(['', 'p50, ms', 'p99, ms', 'largest answer, bytes', 'longest block, ms'], [
    ...Object.entries(questions).map(([name, words]) => [words, ...values(line[name], ['p50Millis', 'p99Millis', 'mostBytes', 'blockMillis'])]),
    ['(first look at the cells)', text(line['firstMillis']), '', '', ''],
  ]),
  replicas: line => cases(line['processes'], 'processes'),
  codecs: line => cases(line['codecs'], 'codec'),
  'host-cost': line => table(
    ['services', 'p50, ns', 'p99, ns', 'p99 of the call itself, ns', 'ratio of p99', 'held, MiB', 'peak RSS, MiB', 'not kept, of a million'],
    (line['cases'] as Line[]).map(each => [
      text(each['services']), ...['p50Nanos', 'p99Nanos', 'plainP99Nanos', 'ratioP99'].map(name => text((each[name] as Spread).median)),
      ...values(each, ['heldMebibytes', 'peakMebibytes', 'droppedQueueFull']),
    ]),
  ),
  flood: line => table(['', ''], Object.entries({
    sent: 'look-ups in a minute, each by a client of another name', exact: 'totals by service and by edge are exact', overflowed: 'counted under `__overflow__`',
    refused: 'names without room, estimated', series: 'series on the page', behindSeconds: 'all shown so long after the last was sent, s',
    cpuMicrosPerRecord: 'µs of CPU per event', longestBlockMillis: 'longest block, ms', peakMebibytes: 'peak RSS, MiB', heldMebibytes: 'held by JavaScript, MiB',
  }).map(([name, words]) => [words, text(line[name])])),
  cardinality: line => cases(line['cases'], 'edges'),
}

/** What `graph` asks. */
const questions: Readonly<Record<string, string>> = {
  neighbourhood: 'around any service', neighbourhoodOfTwo: 'two edges down from any service', hub: 'around the most looked up service',
  summary: 'by namespaces', cycles: 'cycles', findings: 'findings', changes: 'changes of five minutes',
  blastRadius: 'all that a service needs, which is nearly everything', whole: 'the whole map',
}

/** How and when, and how loaded the machine was. */
function provenance({ date, load, machine }: Line): string {
  return `<sub>${text(date).slice(0, 10)}, ${text(machine)}, load average at the end ${load === undefined ? 'not noted' : text(load)}</sub>`
}

function spreads(line: Line, names: Readonly<Record<string, string>>): string[][] {
  return Object.entries(names).map(([name, words]) => [words, ...values(line[name], ['min', 'median', 'max'])])
}

function cases(list: unknown, by: string): string {
  const names = ['recordsPerSecond', 'cpuMicrosPerRecord', 'cpuRatio']
  return table([by, 'events/s', 'µs of CPU per event', 'CPU against the first'], (list as Line[]).map(each => [text(each[by]), ...names.map(name => middle(each, name))]))
}

function middle(each: Line, name: string): string {
  const { min, median, max } = each[name] as Spread
  return `${text(median)} (${text(min)}–${text(max)})`
}

function values(of: unknown, names: readonly string[]): string[] {
  return names.map(name => text((of as Line)[name]))
}

function text(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en', { maximumSignificantDigits: 4 }) : String(value)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}
