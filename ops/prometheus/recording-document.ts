import { levels, quantiles, quantileWindows, windows, type Level, type Rate } from './recording-table.ts'
import { instancesName, rateName } from './recording.ts'

interface Row {
  /** Name of the rules, with WINDOW for the window. */
  name: string
  labels: readonly string[]
  says: string
  from: readonly string[]
}

/** What every recording rule says and comes from, for people, as Markdown. */
export function recordingDocument(): string {
  return [INTRODUCTION, ...levels.map(level => level.finer ? sumText(level, level.finer) : levelText(level)), NOTES].join('\n')
}

function sumText({ name, labels }: Level, finer: Level): string {
  const gone = finer.labels.filter(label => !labels.includes(label))
  const names = `\`${name}\` stands for \`${finer.name}\` in their names`
  return `## Level \`${name}\`\n\nThe rules of \`${finer.name}\`, added up over ${codes(gone)}: ${names}.\n`
}

function levelText(level: Level): string {
  const rows = rowsOf(level).map(({ name, labels, says, from }) =>
    `| \`${name}\` | ${codes(labels)} | ${says} | ${codes(from.map(familyOf))} |`)
  return [`## Level \`${level.name}\`\n`, '| rule | labels | what it says | from |', '|---|---|---|---|', ...rows, ''].join('\n')
}

function rowsOf(level: Level): Row[] {
  const { name: at, labels } = level
  const status: Row = {
    name: instancesName(level), labels: [...labels, 'status'], says: 'Live instances, by status',
    from: ['discovery_instances'],
  }
  return [
    ...(level.instances ? [status] : []),
    ...level.rates.map(rate => (
      { name: rateName(level, rate, 'WINDOW'), labels: [...labels, ...rate.kept], says: rate.says, from: [rate.of] })),
    ...level.ratios.map(({ name, all, part, says }) => (
      { name: `${at}:${name}:ratio_rateWINDOW`, labels, says, from: typeof part === 'string' ? [all.of] : [part.of, all.of] })),
    ...level.quantiles.map(({ name, of, says }) => (
      { name: `${at}:${name}:histogram_quantile_rateWINDOW`, labels: [...labels, 'quantile'], says, from: [of.of] })),
  ]
}

function familyOf(series: Rate['of']): string {
  return series.replace(/_bucket$/, '')
}

function codes(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join(', ')
}

const INTRODUCTION = `# Recording rules

Written by \`node ops/prometheus/write.ts\` from \`ops/prometheus/recording-table.ts\`, as is
[\`ops/prometheus/recording.yml\`](../ops/prometheus/recording.yml); a test fails when it is stale. [\`metrics.md\`](metrics.md) tells of
the families.

WINDOW is ${codes(windows.map(({ window }) => window))}; of quantiles (${codes(quantiles)}) it is ${codes(quantileWindows)}.
What stands before the first colon of a name is the level, and the labels that are kept beside those of the level.
`

const NOTES = `## Why they are as they are

- **Rates come first**, one for each series of the fold, then the sum. A counter that starts afresh (an expired cell that returns) is seen
  as that; the rate of a sum would make a burst of it. Series carry \`shard\` and no replica, so they go on when a partition moves, and the
  number of replicas makes no difference. Instances are read as they last were within two minutes: while a partition moves, nobody shows
  them for a scrape, and nothing has ended. So a service that is no longer held is still counted for two minutes.
- **\`by\`, not \`without\`**: whatever else a scrape attaches is summed away. \`job\` stays: nothing else tells two deployments on the same
  inputs apart, and to add those up would double every count.
- **\`__overflow__\` is a value like any other**: what a budget folded together is part of every sum. So is whatever else stands in for
  a name that was not kept.
- **Ratios and quantiles are absent where nothing was asked.** 0 would be an answer (all is well, or a cache that never hits) and would call
  somebody, or keep from calling; NaN spoils whatever averages over it. Where something was asked and nothing failed or hit, a ratio is 0.
- **A level adds up the records of the finer one**, so that the series of the fold are read for one level only; a coarser level is behind
  by at most one interval. Ratios divide what was recorded at the same moment.

What they cannot say: Prometheus knows no increase before a series' first sample, so the events that a series is born with are in no rate.
\`increase\` and \`rate\` are short of them wherever they are used; the counters themselves are exact.

What they cost: a group reads each series of its families over its window, 1,440 samples a series for six hours at a scrape every 15 s.
Buckets of look-ups weigh most: up to 34 series a service. Where \`prometheus_rule_group_iterations_missed_total\` rises, leave out the
groups of the longest window.

Codes of errors, versions and single clients are no part of these levels: ask the families for them.
`
